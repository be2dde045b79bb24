//! The command line: one file a command.

mod admin;
mod audit;
mod awaited;
mod check;
mod community;
mod confirm;
mod conversion;
mod convert;
mod demo;
mod domain;
mod elsewhere;
mod export_file;
mod house;
mod listen;
mod mandate;
mod mapping;
mod member;
mod on_demand;
mod patient;
mod pki;
mod query;
mod received;
mod results;
mod retrieve;
mod serve;
mod sought;
mod submit;
mod target;
mod trail;
mod withdraw;

pub(crate) use trail::on_record;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Document sharing for health-checkup results (IHE XDS.b). 健診結果のための文書共有。
#[derive(Debug, Parser)]
#[command(name = "renkei", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the actors of this house until SIGTERM or Ctrl-C. サーバーを起動する。
    Serve(serve::Arguments),
    /// Keys and certificates. 鍵と証明書。
    #[command(subcommand)]
    Pki(pki::Command),
    /// Members of the community: applications, nodes, reviews, approvals, end. 会員の管理。
    #[command(subcommand)]
    Member(member::Command),
    /// After a conversion error: a look at that file alone, asked for, granted by two, for a time. エラー調査のための閲覧の委任。
    #[command(subcommand)]
    Mandate(mandate::Command),
    /// The other communities that are asked (IHE XCA). 照会先の他コミュニティ。
    #[command(subcommand)]
    Community(community::Command),
    /// Who is one person with whom: work list, links, merges, rules of matching. 名寄せ。
    #[command(subcommand)]
    Patient(patient::Command),
    /// Audit records. 監査記録。
    #[command(subcommand)]
    Audit(audit::Command),
    /// Check that what is registered is there, and whole. 登録と本文の整合性を確認する。
    Check(check::Arguments),
    /// Convert a checkup export to the standard form, without sending it. 健診データを標準形式へ変換する。
    Convert(convert::Arguments),
    /// Check a mapping, or draft one from an export. 列の対応表の確認と下書き。
    #[command(subcommand)]
    Mapping(mapping::Command),
    /// Convert a checkup export and submit its documents. 変換して文書を登録する。
    Submit(submit::Arguments),
    /// Withdraw what this source submitted: one checkup, or a delivery. 登録した文書を取り下げる。
    Withdraw(withdraw::Arguments),
    /// Ask a registry (ITI-18). レジストリを検索する。
    Query(query::Arguments),
    /// Fetch documents from a repository (ITI-43). 文書を取得する。
    Retrieve(retrieve::Arguments),
    /// Receive replies to requests that were sent with --reply-to. 非同期の応答を受信する。
    Listen(listen::Arguments),
    /// Change and remove what is registered (ITI-57, 92, 62, 86). 登録済みのものを更新・削除する。
    #[command(subcommand)]
    Admin(admin::Command),
    /// The record of a person's checkups over all years, made when retrieved. オンデマンド文書。
    #[command(subcommand, name = "ondemand")]
    OnDemand(on_demand::Command),
    /// Show a person's results, years side by side. 年次の結果を表で表示する。
    Results(results::Arguments),
    /// A whole community on this machine, with fictitious people. 架空のデータで全体を動かす。
    Demo(demo::Arguments),
}

/// "Could not run": usage, connection, files.
pub(crate) const COULD_NOT_RUN: u8 = 1;

/// Reads the command line and runs what it says.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap would end with 2, which means "refused rows" here. Help and version are no errors.
            let code = if error.use_stderr() { COULD_NOT_RUN } else { 0 };
            drop(error.print());
            // Who started a server waits for one line, also of a server that was started wrongly.
            if code != 0 && std::env::args_os().nth(1).is_some_and(|command| command == "serve") {
                let text = error.to_string();
                let what = text.split("\n\n").next().unwrap_or_default();
                let words: Vec<&str> = what.split_whitespace().collect();
                serve::failed(words.join(" "));
            }
            return ExitCode::from(code);
        }
    };
    match cli.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Pki(command) => told(pki::run(&command)),
        Command::Member(command) => told(member::run(&command)),
        Command::Mandate(command) => told(mandate::run(&command)),
        Command::Community(command) => told(community::run(&command)),
        Command::Patient(command) => told(patient::run(&command)),
        Command::Audit(command) => told(audit::run(&command)),
        Command::Check(arguments) => told(check::run(&arguments)),
        Command::Convert(arguments) => told(convert::run(&arguments)),
        Command::Mapping(command) => told(mapping::run(&command)),
        Command::Submit(arguments) => told(submit::run(&arguments)),
        Command::Withdraw(arguments) => told(withdraw::run(&arguments)),
        Command::Query(arguments) => told(query::run(&arguments)),
        Command::Retrieve(arguments) => told(retrieve::run(&arguments)),
        Command::Listen(arguments) => told(listen::run(&arguments)),
        Command::Admin(command) => told(admin::run(&command)),
        Command::OnDemand(command) => told(on_demand::run(&command)),
        Command::Results(arguments) => told(results::run(&arguments)),
        Command::Demo(arguments) => told(demo::run(&arguments)),
    }
}

/// The status of a command; an error is told on standard error.
fn told(result: anyhow::Result<u8>) -> ExitCode {
    use std::io::Write;
    match result {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // If even standard error is closed, the status must say it alone.
            drop(writeln!(std::io::stderr(), "renkei: {error:#}"));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// A runtime for a command.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

#[cfg(test)]
mod tests;
