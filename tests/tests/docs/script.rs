//! A page whose code blocks can be run: a comment before each says what it is.
//!
//! `<!-- file: NAME -->` writes the block into a file. `<!-- run TOOL,...: TEXT -->` runs it in a shell,
//! where these tools are; what it writes has to hold the text.

use crate::tools::Tool;
use anyhow::{Context, Result, bail};

/// A code block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    File { name: String, text: String },
    Run { tools: Vec<Tool>, says: String, text: String },
}

/// The blocks of a page in their order; every one of them has its comment.
pub(crate) fn blocks(page: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let (mut before, mut lines) = ("", page.lines());
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            let text = text.join("\n") + "\n";
            blocks.push(block(before, text).with_context(|| format!("{before:?}, {line:?}"))?);
        }
        before = line;
    }
    Ok(blocks)
}

fn block(comment: &str, text: String) -> Result<Block> {
    let inside = comment.strip_prefix("<!-- ").and_then(|c| c.strip_suffix(" -->"));
    let (what, more) =
        inside.and_then(|c| c.split_once(": ")).context("a block without comment")?;
    let (what, tools) = what.split_once(' ').unwrap_or((what, ""));
    let tools = tools.split(',').filter(|name| !name.is_empty());
    let tools = tools.map(|name| Tool::named(name).context("an unknown tool"));
    let (tools, more) = (tools.collect::<Result<_>>()?, more.to_owned());
    match what {
        "file" => Ok(Block::File { name: more, text }),
        "run" => Ok(Block::Run { tools, says: more, text }),
        _ => bail!("neither a file nor run"),
    }
}

#[test]
fn blocks_are_files_or_run_and_none_is_without_comment() -> Result<()> {
    let page = "a\n<!-- file: a.xml -->\n```xml\n<a/>\n```\nb\n<!-- run curl,node: ok: 1 -->\n```sh\nx\ny\n```\n";
    let file = Block::File { name: "a.xml".into(), text: "<a/>\n".into() };
    let tools = vec![Tool::Curl, Tool::Node];
    let run = Block::Run { tools, says: "ok: 1".into(), text: "x\ny\n".into() };
    assert_eq!(blocks(page)?, [file, run]);
    assert!(blocks("a\n```sh\nx\n```\n").is_err());
    assert!(blocks("<!-- run perl: a -->\n```sh\nx\n```\n").is_err());
    Ok(())
}
