//! docs/CLIENTS.md: what a newcomer is told to type, typed.

use crate::commands::{FEED, SYSTEMS, shell};
use crate::house::House;
use crate::script::{Block, blocks};
use crate::tools::Tool;
use crate::{documents, people};
use anyhow::{Context, Result, ensure};
use renkei_tests::program::{self, Build};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/CLIENTS.md");

/// Where the page says that the data directory is.
const DATA: &str = "/var/lib/renkei";

#[test]
fn every_block_of_the_page_does_what_it_says() -> Result<()> {
    let house = House::start()?;
    // the documents that the page reads are those of docs/examples
    for example in people::announced().iter().chain(&documents::submitted()) {
        example.send(&house)?;
    }
    let place = tempfile::tempdir()?;
    let (bin, work) = (place.path().join("bin"), place.path().join("work"));
    std::fs::create_dir(&bin)?;
    std::fs::create_dir(&work)?;
    installed(&house, &bin)?;
    for block in blocks(PAGE)? {
        match block {
            Block::File { name, text } => std::fs::write(work.join(name), here(&house, &text)?)?,
            Block::Run { tools, says, text } => {
                run(&here(&house, &text)?, &tools, &says, [&bin, &work])?;
            }
        }
    }
    Ok(())
}

/// A text with the addresses of this house.
fn here(house: &House, text: &str) -> Result<String> {
    Ok(text
        .replace(SYSTEMS, &format!("localhost:{}", house.renkei.port()))
        .replace(FEED, &format!("localhost:{}", house.feed_port()?))
        .replace(DATA, &house.renkei.place().data_dir().display().to_string()))
}

/// Puts the program on the path. What works on the data of this house has its addresses from the command line,
/// where others have them from `renkei.toml`.
fn installed(house: &House, bin: &Path) -> Result<()> {
    let program = program::path(Build::Plain)?;
    let feed = format!("listen.mllp=127.0.0.1:{}", house.feed_port()?);
    let settings = house.renkei.settings().into_iter().chain([feed]);
    let settings: String = settings.map(|setting| format!(" --set '{setting}'")).collect();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*--data-dir*) exec '{0}' \"$@\"{settings} ;;\n*) exec '{0}' \"$@\" ;;\nesac\n",
        program.display()
    );
    let path = bin.join("renkei");
    std::fs::write(&path, script)?;
    Ok(std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?)
}

/// Runs a block with these tools, if they are here.
fn run(text: &str, tools: &[Tool], says: &str, [bin, work]: [&Path; 2]) -> Result<()> {
    for tool in tools {
        if !tool.is_here()? {
            return Ok(());
        }
    }
    // the interpreter that has what the block needs
    let python = bin.join("python3");
    if let Some(interpreter) = tools.iter().find_map(|tool| tool.interpreter()) {
        let wrapper = format!("#!/bin/sh\nexec '{}' \"$@\"\n", interpreter.display());
        std::fs::write(&python, wrapper)?;
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755))?;
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let run = shell(&format!("set -e\n{text}"), work)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("PYTHONUTF8", "1")
        .output()
        .context("no shell")?;
    let said = String::from_utf8_lossy(&run.stdout);
    let wrong = String::from_utf8_lossy(&run.stderr);
    ensure!(run.status.success() && said.contains(says), "{says:?}\n{text}\n{said}\n{wrong}");
    Ok(())
}

#[test]
fn every_link_leads_somewhere() -> Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for page in ["CLIENTS.md", "examples/README.md"] {
        let path = docs.join(page);
        let text = std::fs::read_to_string(&path)?;
        let folder = path.parent().context("no folder")?;
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            ensure!(folder.join(link).exists(), "{page}: {link}");
        }
    }
    Ok(())
}
