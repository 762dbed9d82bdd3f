//! The command `loligo`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    quiet_wayland();
    cli::main()
}

/// Mesa's drivers look for a Wayland display when they are listed, and libwayland prints an error
/// to stderr if XDG_RUNTIME_DIR is not set, as on servers and in containers. Nothing is drawn on a
/// display here: any folder without a display in it will do.
#[expect(unsafe_code, reason = "the only way to set a variable of one's own process")]
fn quiet_wayland() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
}
