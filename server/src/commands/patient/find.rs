//! `renkei patient find`: who is registered, by what is known of them (ITI-47).

use crate::commands::runtime;
use crate::commands::sought::{self, SoughtArguments};
use crate::commands::target::TargetArguments;
use crate::show;
use anyhow::ensure;
use renkei_client::{LookupError, Persons};
use serde_json::json;

/// Whom to look for, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    sought: SoughtArguments,
    /// The most persons that are told. 表示する人数の上限。
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    target: TargetArguments,
}

/// Status 0 when somebody was found, 2 when nobody was or the question was refused.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    ensure!(
        arguments.sought.is_given(),
        "誰を探すか指定してください(--insurer、--kana、--birth-date、--known-as など) / say whom: --insurer, --kana, --birth-date, --known-as, ..."
    );
    let target = arguments.target.target()?;
    let query = arguments.sought.query(&target.connection)?;
    let found = runtime()?.block_on(async {
        let client = target.client()?;
        let persons = Persons::of(&client.soap, &target.connection);
        let found = persons.find(query, arguments.limit.max(1)).await;
        client.finish().await?;
        anyhow::Ok(found)
    })?;
    let found = match found {
        Ok(found) => found,
        Err(error @ LookupError::Refused(_)) => {
            return sought::not_found(error.into(), arguments.target.json);
        }
        Err(error) => return Err(error.into()),
    };
    if arguments.target.json {
        let mut told = sought::all_json(&found);
        if let Some(told) = told.as_object_mut() {
            told.insert("status".to_owned(), json!("success"));
        }
        show::json_line(&told)?;
    } else {
        for one in &found.persons {
            show::line(&sought::line(one))?;
        }
        if found.total > found.persons.len() {
            show::error_text(&format!(
                "ほか{}人 / {} more",
                found.total - found.persons.len(),
                found.total - found.persons.len()
            ))?;
        }
        if found.persons.is_empty() {
            show::error_text("該当する方は登録されていません / nobody is registered like this")?;
        }
    }
    Ok(if found.persons.is_empty() { 2 } else { 0 })
}
