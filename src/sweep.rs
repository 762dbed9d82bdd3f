//! Sweeps: a grid of values for some keys, one population per cell.
//!
//! ```
//! let grid = loligo::Experiment::builder()
//!     .neurons(20)
//!     .duration_ms(300.0)
//!     .sweep("noise.sigma", &[1.0, 3.0])
//!     .sweep("stimulus.amplitude", &[200.0, 250.0, 300.0])
//!     .build()?;
//! let results = loligo::run(&grid)?;
//! let rates: Vec<f64> = results.populations.iter().filter_map(|cell| cell.rates.hz.mean()).collect();
//! assert_eq!(results.populations[1].population.cell(), "sigma = 1, amplitude = 250");
//! assert!(rates[2] > rates[0], "more current, more spikes");
//! # Ok::<(), loligo::Error>(())
//! ```

use crate::error::{Error, Place, Problem};
use crate::setting::{Literal, Setting};
use crate::unit::tidied;

/// The values of one key.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The key, as for `--set`.
    pub key: String,
    /// Its values, in order.
    pub values: Vec<Literal>,
    place: Place,
}

/// Keys that all populations share.
const SHARED: [&str; 5] = ["duration", "dt", "seed", "from", "to"];

/// More cells than this are a slip of the keyboard.
const MOST_CELLS: usize = 10_000;

/// How to write a list, for messages.
const FORMS: &str = "write KEY=1,2,3 or KEY=FROM:TO:STEP (both ends)";

impl Sweep {
    /// Reads `KEY=LIST` of a `--sweep`.
    ///
    /// # Errors
    /// If it is not KEY=LIST, or the key cannot be swept.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Sweep::parse_at(text, Place::Flag(format!("--sweep {text}")))
    }

    /// Reads `KEY=LIST` that was written at a place.
    ///
    /// # Errors
    /// If it is not KEY=LIST, or the key cannot be swept.
    pub fn parse_at(text: &str, place: Place) -> Result<Self, Error> {
        let Some((key, list)) = text.split_once('=') else {
            return Err(Problem::new(format!("`{text}` is not KEY=LIST"), &place, FORMS).into());
        };
        Sweep::new(key.trim(), &Literal::Text(list.trim().into()), place)
    }

    /// Where the list was written.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The sweep of a key over a written list.
    ///
    /// # Errors
    /// If the list is none, or the key cannot be swept.
    pub fn new(key: &str, list: &Literal, place: Place) -> Result<Self, Error> {
        let problem = |message: String| Error::from(Problem::new(message, &place, FORMS));
        if SHARED.contains(&key) {
            return Err(problem(format!(
                "`{key}` is the same for all populations and cannot be swept"
            )));
        }
        let values = match list {
            Literal::List(list) => list.clone(),
            Literal::Number(number) => vec![Literal::Number(*number)],
            Literal::Text(text) => match text.split(':').collect::<Vec<_>>()[..] {
                [from, to, step] => range(from, to, step).map_err(&problem)?,
                [_] => text.split(',').map(item).collect(),
                _ => return Err(problem(format!("`{text}` is no list"))),
            },
            Literal::Table(_) => return Err(problem("a table is no list".into())),
        };
        if values.is_empty() || values.contains(&Literal::Text(String::new())) {
            return Err(problem(format!(
                "the list of `{key}` has nothing in it, or an empty place"
            )));
        }
        let double = values.iter().enumerate().find(|(index, v)| values[..*index].contains(v));
        if let Some((_, value)) = double {
            return Err(problem(format!("{} is twice in the list of `{key}`", value.words())));
        }
        Ok(Sweep { key: key.into(), values, place })
    }
}

/// A number if it looks like one, else a text (a name, or a number with a unit).
fn item(text: &str) -> Literal {
    let text = text.trim();
    text.parse().map_or_else(|_| Literal::Text(text.into()), Literal::Number)
}

fn range(from: &str, to: &str, step: &str) -> Result<Vec<Literal>, String> {
    let number = |text: &str| {
        let number = text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        number.ok_or_else(|| format!("`{text}` is not a number"))
    };
    let (from, to, step) = (number(from)?, number(to)?, number(step)?);
    let intervals = ((to - from) / step + 1e-9).floor();
    if step == 0.0 || intervals < 0.0 {
        return Err(format!("{from}:{to}:{step} has no values: the step leads away from the end"));
    }
    if intervals >= MOST_CELLS as f64 {
        return Err(format!("{from}:{to}:{step} has more than {MOST_CELLS} values"));
    }
    // To 12 digits, so that 0.1 + 2 * 0.1 is 0.3.
    Ok((0..=intervals as u32)
        .map(|k| Literal::Number(tidied(from + f64::from(k) * step)))
        .collect())
}

/// All cells of the grid: the last sweep varies fastest. One cell without settings if there is no
/// sweep.
///
/// # Errors
/// If a key is swept twice, or there are too many cells.
pub fn cells(sweeps: &[Sweep]) -> Result<Vec<Vec<Setting>>, Error> {
    let mut cells = vec![Vec::new()];
    for (n, sweep) in sweeps.iter().enumerate() {
        if sweeps[..n].iter().any(|other| other.key == sweep.key) {
            let message = format!("`{}` is swept twice", sweep.key);
            return Err(Problem::new(message, &sweep.place, "put all values into one list").into());
        }
        if cells.len() * sweep.values.len() > MOST_CELLS {
            let message = format!("the grid has more than {MOST_CELLS} cells");
            return Err(Problem::new(message, &sweep.place, "sweep fewer values").into());
        }
        let with = |cell: &Vec<Setting>, value: &Literal| {
            let setting = Setting {
                key: sweep.key.clone(),
                key_place: sweep.place.clone(),
                value: value.clone(),
                value_place: sweep.place.clone(),
            };
            [&cell[..], &[setting]].concat()
        };
        cells = cells
            .iter()
            .flat_map(|cell| sweep.values.iter().map(move |value| with(cell, value)))
            .collect();
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<Vec<Literal>, String> {
        Sweep::parse(text).map(|sweep| sweep.values).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_and_ranges_are_read() {
        let numbers =
            |list: &[f64]| Ok(list.iter().map(|&x| Literal::Number(x)).collect::<Vec<_>>());
        assert_eq!(values("noise.sigma=0,0.5, 3"), numbers(&[0.0, 0.5, 3.0]));
        assert_eq!(values("tau_m=0.1:0.4:0.1"), numbers(&[0.1, 0.2, 0.3, 0.4]));
        assert_eq!(values("tau_m=3:1:-1"), numbers(&[3.0, 2.0, 1.0]));
        assert_eq!(values("stimulus.amplitude=100:400:10").map(|v| v.len()), Ok(31));
        assert_eq!(values("model=lif"), Ok(vec![Literal::Text("lif".into())]));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            ("tau_m", "not KEY=LIST"),
            ("tau_m=", "nothing in it"),
            ("tau_m=1,,2", "empty place"),
            ("tau_m=1,1", "twice in the list"),
            ("tau_m=1:2", "no list"),
            ("tau_m=1:2:0", "no values"),
            ("tau_m=1:2:-1", "no values"),
            ("tau_m=1:x:1", "`x` is not a number"),
            ("tau_m=0:1:1e-9", "more than"),
            ("dt=0.1,0.2", "cannot be swept"),
        ] {
            let error = values(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn the_last_sweep_varies_fastest() {
        let sweeps = [Sweep::parse("a=1,2").unwrap(), Sweep::parse("b=3,4,5").unwrap()];
        let cells = cells(&sweeps).unwrap();
        assert_eq!(cells.len(), 6);
        let numbers = |cell: &[Setting]| cell.iter().map(|s| s.value.clone()).collect::<Vec<_>>();
        assert_eq!(numbers(&cells[1]), [Literal::Number(1.0), Literal::Number(4.0)]);
        assert!(super::cells(&[sweeps[0].clone(), sweeps[0].clone()]).is_err());
    }
}
