//! The command `loligo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    loligo::cli::main()
}
