//! The program as users get it; all of it is in the library beside.

fn main() -> std::process::ExitCode {
    renkei::main()
}
