//! Tables of numbers as text: columns between commas, semicolons, tabs or blanks, with or without names above them.
//!
//! Everything that a table can be read as is tried; where it can be read as two different tables, it is asked which.

mod options;

use super::format::{Contents, Loaded, Refusal};
use super::names::is_time;
use super::variable::{Entry, MOST_NUMBERS, Variable, shortened};
use crate::unit::measure;

pub use options::{Delimiter, Options};

/// One way to read a table.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    delimiter: Delimiter,
    decimal: char,
}

/// A table as it was read.
#[derive(Clone, Debug)]
struct Table {
    /// Names of the columns, if there are any.
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
    /// Lines of numbers.
    lines: usize,
}

/// What an empty field is read as: no number.
const MISSING: f64 = f64::from_bits(0x7ff8_0000_0000_0e3b);

fn is_missing(value: f64) -> bool {
    value.to_bits() == MISSING.to_bits()
}

/// What to say of lines that are no table.
const HEADER: &str = "say with --header how many lines are above the numbers";

/// Most lines of a table, and bytes of a line: they are held while it is read.
const MOST: usize = 1 << 26;

/// Lines after which one way of reading is likely to be the right one.
const PROBE: usize = 100;

pub(super) fn open(bytes: &[u8], options: &Options) -> Result<Contents, Refusal> {
    let text = decoded(bytes)?;
    let mut lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line))
        .filter(|(_, line)| !line.trim().is_empty())
        .take(MOST + 1)
        .collect();
    if lines.len() > MOST || lines.iter().any(|(_, line)| line.len() > MOST) {
        let why = "it has more than 2^26 lines, or a line of more than 64 MiB";
        return Err(Refusal::new(why, "cut it into parts before"));
    }
    octave(&lines)?;
    // Excel says so itself.
    let said = lines.first().and_then(|(_, line)| line.trim().strip_prefix("sep="));
    let mut options = *options;
    if let Some(said) = said {
        options.delimiter = options.delimiter.or(Delimiter::read(said).ok());
        lines.remove(0);
    }
    let is_comment = |line: &str| line.trim_start().starts_with(['#', '%']);
    let comment =
        lines.iter().take_while(|(_, line)| is_comment(line)).last().map(|(_, line)| *line);
    lines.retain(|(_, line)| !is_comment(line));
    if lines.is_empty() {
        return Ok((Vec::new(), Box::new(Loaded(Vec::new()))));
    }
    let (way, mut table) = table(&lines, &options).map_err(|refusal| Refusal {
        remedy: refusal.remedy.replace("--", options.prefix),
        ..refusal
    })?;
    if let (true, Some(comment)) = (table.names.is_empty(), comment) {
        // NumPy writes the names of columns as a comment.
        let names = way.delimiter.fields(comment.trim_start_matches(['#', '%', ' ']));
        if names.len() == table.columns.len() && names.iter().any(|name| is_time(name)) {
            table.names = names;
        }
    }
    let variables = table.variables();
    let entries = variables.iter().map(|v| Entry::numbers(&*v.name, v.rows, v.columns)).collect();
    Ok((entries, Box::new(Loaded(variables))))
}

/// The text of a file: UTF-8, UTF-16 with its mark, or Latin-1.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    let text = text.unwrap_or_else(|| bytes.iter().map(|&byte| char::from(byte)).collect());
    // Bytes of other files are seldom without these.
    let start = text.chars().take(4096);
    let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n' | '\x1b' | '\x0c');
    match start.clone().all(is_text) {
        true => Ok(text),
        false => Err("it is in no format known here, and not text, as CSV would be".into()),
    }
}

/// Octave's own formats are told apart from a table with comments.
fn octave(lines: &[(usize, &str)]) -> Result<(), Refusal> {
    let begins = |what: &str| lines.iter().take(5).any(|(_, line)| line.starts_with(what));
    match begins("# name:") && begins("# type:") || begins("Octave-1-") {
        true => Err(Refusal::new(
            "it is in a format of Octave's own",
            "save it there with save -v7 FILE",
        )),
        false => Ok(()),
    }
}

/// Reads a table in the one way in which it can be read.
fn table(lines: &[(usize, &str)], options: &Options) -> Result<(Way, Table), Refusal> {
    let delimiters = match options.delimiter {
        Some(delimiter) => vec![delimiter],
        None => vec![
            Delimiter::Character(','),
            Delimiter::Character(';'),
            Delimiter::Character('\t'),
            Delimiter::Blanks,
        ],
    };
    let decimals = match options.decimal {
        Some(decimal) => vec![decimal],
        None => vec!['.', ','],
    };
    let ways = delimiters
        .iter()
        .flat_map(|&delimiter| decimals.iter().map(move |&decimal| Way { delimiter, decimal }));
    // A comma cannot be both, unless quotes tell.
    let quoted = lines.iter().take(PROBE).any(|(_, line)| line.contains('"'));
    let ways = ways.filter(|way| quoted || way.delimiter != Delimiter::Character(way.decimal));
    let mut found: Vec<(Way, Table)> = Vec::new();
    let mut whys: Vec<Why> = Vec::new();
    for way in ways {
        let end = lines.len().min(PROBE);
        let read = match way.read(&lines[..end], options.header) {
            Ok(_) if end < lines.len() => way.read(lines, options.header),
            probed => probed,
        };
        match read {
            Ok(table) if found.iter().any(|(_, other)| other.same_as(&table)) => {}
            Ok(table) => found.push((way, table)),
            Err(why) => whys.push(why),
        }
    }
    // A line of words is no table where another way finds numbers in it.
    if found.iter().any(|(_, table)| table.lines > 0) {
        found.retain(|(_, table)| table.lines > 0);
    }
    match found.len() {
        1 if found[0].0.is_doubtful(&found[0].1, lines, options) => {
            let (line, text) = lines[0];
            Err(Refusal::new(
                format!(
                    "line {line}, `{}`, has a comma that may be a decimal comma",
                    shortened(text)
                ),
                "say so with --decimal, or say --delimiter",
            ))
        }
        1 => Ok(found.swap_remove(0)),
        // What got furthest was meant.
        0 => Err(whys
            .into_iter()
            .max_by_key(|why| why.depth)
            .map_or_else(|| "it holds no table of numbers".to_owned().into(), |why| why.refusal)),
        _ => {
            let (line, text) = lines[lines.len() - 1];
            let told: Vec<String> = found.iter().map(|(way, table)| way.told(table)).collect();
            Err(Refusal::new(
                format!(
                    "line {line}, `{}`, can be read as {}",
                    shortened(text),
                    told.join(" or as ")
                ),
                "say which with --delimiter or --decimal",
            ))
        }
    }
}

/// Why a way fails: those that get further down, with more columns, are nearer to what was meant.
struct Why {
    depth: (usize, usize),
    refusal: Refusal,
}

impl Way {
    fn told(self, table: &Table) -> String {
        let decimal = if self.decimal == ',' { "a decimal comma" } else { "a decimal point" };
        let columns = table.columns.len();
        let columns = if columns == 1 { "one number".into() } else { format!("{columns} numbers") };
        format!("{columns} ({decimal})")
    }

    /// Whether a line ends with a separator.
    fn ends_open(self, line: &str) -> bool {
        let Delimiter::Character(delimiter) = self.delimiter else { return false };
        line.trim_end_matches([' ', '\r']).ends_with(delimiter)
    }

    /// Whether commas are taken for decimal ones only since the table would not be one else.
    fn is_doubtful(self, table: &Table, lines: &[(usize, &str)], options: &Options) -> bool {
        let is_told = options.decimal.is_some() || options.delimiter.is_some();
        let has_name = !table.names.is_empty();
        let is_alone = table.columns.len() == 1 && lines.iter().any(|(_, line)| line.contains(','));
        self.decimal == ',' && table.lines > 0 && is_alone && !is_told && !has_name
    }

    /// A number.
    fn number(self, field: &str) -> Option<f64> {
        match field {
            "" => return Some(MISSING),
            "NA" | "N/A" | "NaN" | "nan" => return Some(f64::NAN),
            _ => {}
        }
        let text = match self.decimal {
            '.' => field.to_owned(),
            _ if field.contains('.') => return None,
            decimal => {
                // There are digits on both sides: `1,` is the end of a field.
                let is_inside = !field.starts_with(decimal) && !field.ends_with(decimal);
                is_inside.then(|| field.replace(decimal, "."))?
            }
        };
        let looks_numeric = text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let inf = || text.trim_start_matches(['+', '-']).eq_ignore_ascii_case("inf");
        (looks_numeric || inf()).then(|| text.parse().ok()).flatten()
    }

    fn read(self, lines: &[(usize, &str)], header: Option<usize>) -> Result<Table, Why> {
        let fields = |line: &str| self.delimiter.fields(line);
        let is_data = |line: &str| {
            let fields = fields(line);
            let numeric = fields.iter().filter(|field| self.number(field).is_some()).count();
            numeric == fields.len() && fields.iter().any(|field| !field.is_empty())
        };
        let first = match header {
            Some(header) => header.min(lines.len()),
            None => lines.iter().position(|(_, line)| is_data(line)).unwrap_or(lines.len()),
        };
        let (above, data) = lines.split_at(first);
        let Some((number, line)) = data.first() else {
            return self.without_data(above);
        };
        let width = fields(line).len();
        let why = |at: usize, refusal: Refusal| Why { depth: (at, width), refusal };
        let names = match header {
            Some(0) => Vec::new(),
            Some(_) => above.last().map(|(_, line)| fields(line)).unwrap_or_default(),
            None => self.names(above, width).map_err(|refusal| why(*number, refusal))?,
        };
        if !names.is_empty() && names.len() != width {
            let message = format!("line {number} has {width} numbers under {} names", names.len());
            return Err(why(*number, Refusal::new(message, "say --header or --delimiter")));
        }
        if width.saturating_mul(data.len()) > MOST_NUMBERS {
            let refusal = Refusal::new("it has more than 2^27 numbers", "cut it into parts before");
            return Err(why(*number, refusal));
        }
        let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(data.len()); width];
        for (number, line) in data {
            let fields = fields(line);
            // Spreadsheets leave the ends of short columns empty.
            let is_padded = fields.len() + 1 == width && self.ends_open(line);
            if fields.len() != width && !is_padded {
                let message = format!("line {number} has {} fields, not {width}", fields.len());
                let refusal = Refusal::new(format!("it is no CSV: {message}"), "say --delimiter");
                return Err(why(*number, refusal));
            }
            for (n, column) in columns.iter_mut().enumerate() {
                let field = fields.get(n).map_or("", String::as_str);
                match self.number(field) {
                    Some(value) => column.push(value),
                    None => {
                        let field = shortened(field);
                        let message = format!("line {number} has `{field}`, which is not a number");
                        return Err(why(*number, message.into()));
                    }
                }
            }
        }
        Ok(Table { names, columns, lines: data.len() })
    }

    /// The names of the columns, from the lines above the numbers: a row of names, and one of units under it.
    fn names(self, above: &[(usize, &str)], width: usize) -> Result<Vec<String>, Refusal> {
        let rows: Vec<Vec<String>> =
            above.iter().map(|(_, line)| self.delimiter.fields(line)).collect();
        let (names, units) = match &rows[..] {
            [] => return Ok(Vec::new()),
            [names] => (names, None),
            [names, units] => (names, Some(units)),
            _ => {
                let (first, last) = (above[0].0, above[above.len() - 1].0);
                return Err(Refusal::new(
                    format!("lines {first} to {last} hold no numbers"),
                    HEADER,
                ));
            }
        };
        let line = above[0].0;
        if let Some(half) = names.iter().find(|name| self.number(name).is_some_and(f64::is_finite))
        {
            let other = names.iter().find(|name| self.number(name).is_none()).unwrap_or(half);
            let other = shortened(other);
            return Err(Refusal::new(
                format!("line {line} has `{other}`, which is not a number, beside numbers"),
                "if it names the columns, say --header 1",
            ));
        }
        // Names do not hold the separator of another way of reading.
        if names.len() == 1 && names[0].contains([',', ';', '\t']) {
            let why = format!("line {line} has several names over one column");
            return Err(Refusal::new(why, "say --delimiter"));
        }
        let Some(units) = units else { return Ok(names.clone()) };
        let bare = |unit: &str| unit.trim_matches(['(', ')', '[', ']']).to_owned();
        let are_units = units.len() == width
            && names.len() == width
            && units.iter().all(|unit| measure(&bare(unit)).is_some());
        if !are_units {
            let why = format!("lines {line} and {} hold no numbers", above[1].0);
            return Err(Refusal::new(why, HEADER));
        }
        let named = |(name, unit): (&String, &String)| match bare(unit).as_str() {
            "" => name.clone(),
            unit => format!("{name} ({unit})"),
        };
        Ok(names.iter().zip(units).map(named).collect())
    }

    /// A table of names only has no numbers; anything else is none.
    fn without_data(self, above: &[(usize, &str)]) -> Result<Table, Why> {
        let why = |message: String| Why { depth: (0, 0), refusal: message.into() };
        match above {
            [(line, text)] => {
                let names = self.delimiter.fields(text);
                let is_number =
                    |name: &String| name.starts_with(|c: char| "+-.0123456789".contains(c));
                if names.iter().any(is_number) {
                    return Err(why(format!(
                        "line {line}, `{}`, holds no numbers",
                        shortened(text)
                    )));
                }
                Ok(Table { columns: vec![Vec::new(); names.len()], names, lines: 0 })
            }
            _ => {
                let text = above.first().map_or("", |(_, text)| text);
                Err(why(format!("line 1, `{}`, holds no numbers", shortened(text))))
            }
        }
    }
}

impl Table {
    /// Whether two ways gave the same numbers.
    fn same_as(&self, other: &Table) -> bool {
        let bits = |table: &Table| -> Vec<Vec<u64>> {
            let bits = |column: &Vec<f64>| column.iter().map(|x| x.to_bits()).collect();
            table.columns.iter().map(bits).collect()
        };
        self.lines == 0 && other.lines == 0 || bits(self) == bits(other)
    }

    /// A vector per column; a single line without names is one row.
    fn variables(self) -> Vec<Variable> {
        let Table { names, columns, lines } = self;
        if names.is_empty() && lines == 1 && columns.len() > 1 {
            return vec![Variable::vector("row 1", columns.concat())];
        }
        let name = |n: usize| match names.get(n) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("column {}", n + 1),
        };
        let mut variables: Vec<Variable> = Vec::new();
        for (n, mut column) in columns.into_iter().enumerate() {
            // A column that is shorter than the others ends with empty fields.
            let end =
                column.iter().rposition(|value| !is_missing(*value)).map_or(0, |last| last + 1);
            column.truncate(end);
            variables.push(Variable::vector(name(n), column));
        }
        variables
    }
}
