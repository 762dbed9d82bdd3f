//! Rate and irregularity of noisy neurons at three noise levels: `cargo run --release --example noise_levels`.

use loligo::Experiment;

fn main() -> Result<(), loligo::Error> {
    let experiment = Experiment::builder()
        .neurons(500)
        .duration_ms(2000.0)
        .window_ms(200.0, 2000.0)
        .sweep("noise.sigma", &[1.0, 3.0, 5.0])
        .build()?;
    for cell in loligo::run(&experiment)?.populations {
        let cv = cell.recorded.and_then(|recorded| recorded.intervals.cv.mean());
        println!("{}: {:?} Hz, CV {cv:?}", cell.population.name(), cell.rates.hz.mean());
    }
    Ok(())
}
