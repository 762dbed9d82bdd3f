//! Do the statistics of recorded spike trains agree with independent tools?
//!
//! Spike times of a retinal ganglion cell (Kramer and Eden, Case Studies in Neural Data Analysis,
//! MIT licence in `tests/data`); reference values as of Elephant 1.2.1.

use super::common::{number, reference};
use loligo::analysis::intervals::{TrainIntervals, of_intervals};

fn intervals(name: &str) -> Vec<f64> {
    let path = format!("{}/tests/data/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let times: Vec<f64> = std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.parse().unwrap())
        .collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

fn agrees(stats: &TrainIntervals, case: &serde_json::Value) -> bool {
    let pairs = [
        ("mean", stats.moments.mean()),
        ("std", stats.moments.std()),
        ("cv", stats.moments.cv()),
        ("cv2", stats.cv2),
        ("lv", stats.lv),
    ];
    pairs.iter().all(|(name, ours)| (ours.unwrap() / number(&case[*name]) - 1.0).abs() < 1e-9)
}

#[test]
fn interval_statistics_are_those_of_elephant() {
    let reference = reference("isi.json");
    for (file, case) in [("spikes_low", "SpikesLow"), ("spikes_high", "SpikesHigh")] {
        let case = &reference["cases"][case];
        let intervals = intervals(file);
        assert_eq!(intervals.len() as f64 + 1.0, number(&case["spikes"]));
        assert!(agrees(&of_intervals(&intervals, 0.005), case), "{file}");
        // One interval a thousandth longer is noticed.
        let mut wrong = intervals.clone();
        wrong[100] *= 1.0 + 1e-3;
        assert!(!agrees(&of_intervals(&wrong, 0.005), case), "{file}");
    }
}
