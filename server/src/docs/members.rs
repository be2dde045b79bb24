//! Who belongs to the community, and what may be done with a member when: a section of docs/ACCESS.md.

use crate::members::{Deed, Kind, Numbering, REMIND_DAYS, State};
use std::fmt::Write;

const MEMBERS: &str = "\n## 会員 / Members\n\n\
会員は、コミュニティに属する組織です。`renkei member add` で申請を登録し、会員idは以後変わらず、ほかに使われません。会員ごとに1つのファイル(`members/ID.toml`)に、したことの履歴がすべて残り、何も削除されません。変更は、する前に監査記録に残ります。 / \
A member is an organization of the community. `renkei member add` enters its application; its id is its own for good. Each is a file (`members/ID.toml`) with the history of all that was done, and nothing is ever removed. A change is on record before it is made.\n\n\
`renkei pki issue --member ID` で発行したノードは、その会員のものになります。範囲は、その会員の番号のもの、`own`、`domain` に限られ、以後 `--member` なしで発行し直しても同じです。1つのノードの会員は1つです。健診機関・病院・診療所・薬局である会員のノードは、範囲が何であっても(`domain` を除く)、その番号の機関の著者の文書だけを登録・更新できます。会員に属さないノードは `renkei member list` に出ます。 / \
A node that is issued with `renkei pki issue --member ID` is that member's: its scope is of the member's own number, `own` or `domain`, and so when it is issued again without the word. A node has one member. One of an institution, a clinic or a pharmacy submits, registers and updates documents of authors of that number alone, whatever its scope but `domain`; it sees what its scope says. `renkei member list` tells those that have none.\n";

const AFTER_MEMBERS: &str = "\n\
- 利用不可(`disable`): 会員のノードはすべて失効し、稼働中の拠点は1秒以内に接続を切断します。記録はすべて残ります。`enable` の後は申請の状態から始まり、証明書は発行し直します。 / Disabled: all its nodes are revoked, and a running house ends their connections within a second; \
everything that is known stays. Enabled, it begins anew as one that applied, with new certificates.\n\
- 2人の管理者: `domain` と `any` は、発行を依頼した人とは別の人が `renkei member approve` で承認するまで、起動のたびに(ログ、起動行の `wide`、`/health/ready`)知らせます。発行し直すと、承認もし直しです。名前は `--by`(省略すればシステムのアカウント)で、本人であることは確認しません。アカウントは監査記録と履歴に残ります。 / \
Two administrators: `domain` and `any` are told at every start (log, `wide` of the ready line, `/health/ready`) until another person than who issued it approves it by `renkei member approve`; issued again, they are to be approved again. The names are those of `--by`, else of the account of the system; that somebody is who they say is not checked, the account is in the audit record and the history.\n\
- 棚卸(`review`): 実施者、日付、所見と、その時点のノードと権限が残ります。期限は前回(または登録・利用再開)から `members.review_months` か月で、DAYS日前から `renkei member list`、起動時(ログ、起動行の `reviews`)、毎日のログで知らせます。一覧は `renkei member review` です。 / \
Reviewed: reviewer, day, what was found, and the nodes with what they were entitled to then. It is due `members.review_months` after the last one (or after it was added or enabled), and told from DAYS days before by `renkei member list`, at every start (log, `reviews` of the ready line) and in the log of every day. `renkei member review` lists them.\n";

/// By which command something is done with a member.
const fn command(deed: Deed) -> &'static str {
    match deed {
        Deed::Add => "renkei member add ID",
        Deed::Prepare => "renkei member prepare ID",
        Deed::Issue => "renkei pki issue --member ID",
        Deed::Approve => "renkei member approve ID NODE",
        Deed::Revoke => "renkei pki revoke NODE",
        Deed::Review => "renkei member review ID",
        Deed::Disable => "renkei member disable ID",
        Deed::Enable => "renkei member enable ID",
    }
}

const fn numbering(numbering: Numbering) -> &'static str {
    match numbering {
        Numbering::Ten => "10桁 / 10 digits",
        Numbering::Insurer => "8桁、検証番号を確認 / 8 digits, its check digit is looked at",
        Numbering::Eight => "8桁 / 8 digits",
        Numbering::Code => "事業所コード / the code of the employer",
        Numbering::No => "なし / none",
    }
}

/// Who belongs to the community, and what may be done with a member when.
pub(super) fn section() -> String {
    let mut out = MEMBERS.to_owned();
    out.push_str("\n| 種別 / kind | | | 番号 / number | 自分の範囲 / scope of its own |\n| --- | --- | --- | --- | --- |\n");
    for row in Kind::ALL.map(Kind::row) {
        let scope = row.scope.map_or("-".to_owned(), |scope| format!("`{scope}=`"));
        let number = numbering(row.numbering);
        writeln!(out, "| `{}` | {} | {} | {number} | {scope} |", row.word, row.ja, row.en).unwrap();
    }
    out.push_str("\n状態は履歴から決まります。表は、左の操作の後の状態です。「-」は断られます。 / A state follows from the history. The table says what it is after what was done; `-` is refused.\n\n|");
    for state in State::ALL {
        write!(out, " | {} / {}", state.words().ja, state.words().en).unwrap();
    }
    out.push_str(" |\n| --- | --- | --- | --- | --- | --- |\n");
    for deed in Deed::ALL.into_iter().filter(|deed| *deed != Deed::Add) {
        write!(out, "| {} / {}: `{}`", deed.words().ja, deed.words().en, command(deed)).unwrap();
        for state in State::ALL {
            let after = state.after(deed).map_or("-", |state| state.words().ja);
            write!(out, " | {after}").unwrap();
        }
        out.push_str(" |\n");
    }
    out.push_str(&AFTER_MEMBERS.replace("DAYS", &REMIND_DAYS.to_string()));
    out
}
