use std::io::Write;

use super::args::CompletionArgs;
use super::{FINE, Failure};

pub fn completions(args: &CompletionArgs, mut command: clap::Command, out: &mut impl Write) -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "tukhum", &mut text);
    out.write_all(&text)?;
    Ok(FINE)
}

pub fn man(command: clap::Command, out: &mut impl Write) -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    out.write_all(&text)?;
    Ok(FINE)
}
