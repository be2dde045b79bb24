use super::*;
use clap::CommandFactory;

fn accepts(line: &str) -> bool {
    Cli::try_parse_from(line.split(' ')).is_ok()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn the_contract_for_scripts_is_understood() {
    for line in [
        "renkei serve --data-dir d",
        "renkei serve --data-dir d --config f --set a=b --set c=d",
        "renkei pki issue --data-dir d --name n --role source --role feed --out o --days 3",
        "renkei pki issue --data-dir d --name n --role consumer --out o --member kenpo-1 --by b",
        "renkei member add kenpo-1 --kind insurer --name n --number 33120015 --contact c --data-dir d --json",
        "renkei member list --data-dir d --json",
        "renkei member show kenpo-1 --data-dir d",
        "renkei member review --data-dir d --json",
        "renkei member review kenpo-1 --note n --by b --data-dir d",
        "renkei member approve kenpo-1 node --by b --data-dir d",
        "renkei member disable kenpo-1 --reason r --data-dir d",
        "renkei member enable kenpo-1 --reason r --data-dir d",
        "renkei mandate ask f --mapping m --member clinic --reason r --by b --as-of 2026-04-01 --data-dir d --json",
        "renkei mandate grant 20260401-1 --by b --hours 72 --data-dir d",
        "renkei mandate open 20260401-1 --by b --out o --data-dir d --json",
        "renkei mandate list --data-dir d --json",
        "renkei mandate show 20260401-1 --data-dir d",
        "renkei mandate close 20260401-1 --by b --note n --data-dir d",
        "renkei convert f --mapping m --out o --mode reject_row --as-of 2025-04-01 --created-at 2025-04-01T00:00:00+09:00 --documents --json",
        "renkei check --data-dir d --json",
        "renkei check --data-dir d --config f --set a=b",
        "renkei mapping check m",
        "renkei mapping check m f --json",
        "renkei mapping propose f --out m --json",
        "renkei submit f --mapping m --connect c --identity i --state-dir s --json",
        "renkei query --patient p --query FindDocuments --param $XDSDocumentEntryStatus=x --return ref --connect c --identity i --state-dir s",
        "renkei query --patient p --query FindDocuments --registry https://h:1/x --identity i --state-dir s",
        "renkei retrieve 1.2.3 --connect c --identity i --state-dir s --json",
        "renkei demo --once --json --data-dir d",
    ] {
        assert!(accepts(line), "{line}");
    }
    for line in [
        "renkei",
        "renkei serve",
        "renkei serve --data-dir d --sett a=b",
        "renkei pki issue --data-dir d --name n --out o",
        "renkei pki issue --data-dir d --name ../n --role source --out o",
        "renkei pki issue --data-dir d --name n --role king --out o",
        "renkei convert f --mapping m --out o --mode never",
        "renkei pki issue --data-dir d --name n --role consumer --out o --by b",
        "renkei member add kenpo-1 --kind insurer --name n --data-dir d",
        "renkei member disable kenpo-1 --data-dir d",
        "renkei member review --note n --data-dir d",
        "renkei mandate ask f --mapping m --member clinic --data-dir d",
        "renkei mandate grant 20260401-1 --data-dir d",
        "renkei mandate grant 20260401-1 --by b --hours 73 --data-dir d",
        "renkei mandate open 20260401-1 --out o --data-dir d",
        "renkei mandate open ../x-1 --by b --out o --data-dir d",
        "renkei mapping",
        "renkei mapping propose",
    ] {
        assert!(!accepts(line), "{line}");
    }
}
