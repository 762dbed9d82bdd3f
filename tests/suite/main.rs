//! The tests of Loligo, one file per question. Started by `tests/all`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, that is a failure")]

mod common;

mod agreement;
mod bench;
mod channels;
mod checkpoints;
mod cli;
mod compare;
mod continuous;
mod convergence;
mod documented;
mod faults;
mod figures;
mod folder;
mod formats;
mod hodgkin_huxley;
mod inner_noise;
mod input;
mod invariance;
mod lif;
mod limits;
mod models;
mod noise;
mod operations;
mod own_models;
mod poisson;
mod random;
mod raster;
mod readers;
mod recordings;
mod shaders;
mod shards;
mod shared_noise;
mod signals;
mod single_precision;
mod source_words;
mod sources;
mod streamed;
mod structure;
mod studies;
mod trace;
mod window;
