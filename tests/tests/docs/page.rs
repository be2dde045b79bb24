//! docs/examples/README.md.

use crate::commands::{command, request_file, response_file};
use crate::house::{ROLES, settings};
use crate::messages::Example;
use crate::notices::{self, Notice, TOLD};
use renkei_xds::transaction::{ALL, ITI_44_ADDED, ITI_45, ITI_47, ITI_55, ITI_56};

/// What comes first.
const HEAD: &str = "\
# 例 / Examples

トランザクションごとの、要求1件と応答1件の全文。いずれも起動中のプログラムに送り、返ってきたものです(テストが毎回送り直し、比べます)。\
このページとファイルはテストが書きます。編集しないでください。\
応答のうちプログラムが決めるものは置き換えてあります: idは `c0000000-…`、日時は `20260401090000`。\
ITI-10 と ITI-46 は、プログラムが利用者に送り、利用者が応答したものです。

One whole request and answer for each transaction. Each was sent to a running program and answered by it; a test sends all of them
again and compares. It writes this page and the files: do not edit them. What the program makes up itself is shown as
`c0000000-…` (ids) and `20260401090000` (times). ITI-10 and ITI-46 are sent by the program, to consumers, and answered by them.

## 試し方 / To try them

OIDは例示用のもの(2.999)です。同じidの拠点を作ると、このフォルダーで上から順に実行できます。自分の拠点に送るときは、\
`connect.json` の値に置き換えてください。`wsa:MessageID` は送るたびに新しくします。

The OIDs are those for examples (2.999). In a house with the same ids the commands can be run in this folder, from top to bottom. For
your own house put in the values of `connect.json`; every message has a `wsa:MessageID` of its own.
";

/// What comes before what the house sends.
const SENT: &str = "
## プログラムが送るもの / What the program sends

人のIDの対応が変わると、`identity.notify` の利用者に知らせます。次の2件は iti-44/added のあとに送ったもので、応答は利用者のものです。\
サーバー証明書は、拠点のCAか `async.trusted_ca` のCAのものを使います。

Consumers of `identity.notify` are told when the identifiers of a person change. Both of these were sent after iti-44/added, and the answers are
those of the consumers. Their certificates are of the CA of the house, or one of `async.trusted_ca`.
";

/// The page.
pub(crate) fn page(examples: &[Example]) -> String {
    let mut out = format!("{HEAD}\n```sh\nrenkei serve --data-dir /var/lib/renkei");
    for setting in settings() {
        out += &format!(" \\\n  --set {setting}");
    }
    let roles = ROLES.map(|role| format!("--role {role}")).join(" ");
    out += &format!(
        "\nrenkei pki issue --data-dir /var/lib/renkei --name me {roles} --scope domain --source-id any --repository-id any --out me\n```\n"
    );
    let mut folder = "";
    for example in examples {
        let (of, name) = example.name.split_once('/').unwrap_or_default();
        if of != folder {
            folder = of;
            out += &section(of);
        }
        let [ja, en] = &example.about;
        let (request, response) = (request_file(example), response_file(example));
        out += &format!(
            "\n### {name}\n\n{ja} / {en}\n\n```sh\n{}\n```\n\n\
             [要求 / request]({request}) · [応答 / answer]({response})\n",
            command(example)
        );
    }
    out + SENT + &TOLD.iter().map(notice).collect::<String>()
}

/// A notification, with the setting that has it sent.
fn notice(notice: &Notice) -> String {
    let (request, response) = (notices::request_file(notice), notices::response_file(notice));
    format!(
        "\n### {}\n\n```sh\nrenkei serve --data-dir /var/lib/renkei \\\n  --set 'identity.notify={}'\n```\n\n\
         [要求 / request]({request}) · [応答 / answer]({response})\n",
        notice.title, notice.consumer
    )
}

/// The title of a folder.
fn section(folder: &str) -> String {
    let id = folder.to_ascii_uppercase();
    let of_persons = [&&ITI_44_ADDED, &&ITI_45, &&ITI_47, &&ITI_55, &&ITI_56];
    let (name, roles) = match (ALL.iter().chain(of_persons).find(|t| t.id == id), folder) {
        (Some(t), _) => (t.name, t.may_call.iter().map(|role| role.name()).collect()),
        (None, "iti-8") => ("Patient Identity Feed", vec!["feed"]),
        (None, "iti-9") => ("PIX Query", vec!["consumer", "source"]),
        (None, "iti-21") => ("Patient Demographics Query", vec!["consumer", "source"]),
        (None, "iti-64") => ("Notify XAD-PID Link Change", vec!["feed"]),
        (None, _) => return "\n## エラー / Errors\n".to_owned(),
    };
    format!("\n## {id} {name}\n\n役割 / roles: {}\n", roles.join(", "))
}
