use std::process::ExitCode;

fn main() -> ExitCode {
    tukhum::cli::main()
}
