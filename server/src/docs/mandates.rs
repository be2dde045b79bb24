//! When somebody may look at a file of an institution: a section of docs/ACCESS.md.

use crate::mandates::{DAYS_TO_GRANT, Deed, HOURS, MOST_HOURS, State};
use std::fmt::Write;

const MANDATES: &str = "\n## 変換エラーの調査 / Looking at a file after a conversion error\n\n\
稼働中の拠点が運用する人に示すのは件数、状態、エラーのidで(ログ、メトリクス、起動行、`renkei check`、`renkei mandate`)、健診データは示しません。名寄せの担当者(`renkei patient`)は氏名や識別子を見ますが、結果は見ません。変換エラーの原因を調べるときだけ、健診機関の依頼により、そのファイルだけを、2人の管理者の承認で、時間を限って見られます。すべて、する前に監査記録に残り、断られたことも残ります。 / \
Whoever operates a house sees counts, states and ids of errors (log, metrics, ready line, `renkei check`, `renkei mandate`), and no data; clerks who match persons (`renkei patient`) see names and identifiers, and no results. To find the cause of a conversion error alone, somebody looks at that file alone, when its institution asks and two administrators grant it, for a time. Each step is on record before it is done, and so is what is refused.\n\n\
変換は健診機関の側(`renkei convert`、`renkei submit`)で行われ、拠点に元のファイルはありません。健診機関が調べてほしいファイルと対応表を、拠点のデータディレクトリのある機械の担当者に渡し、担当者が `renkei mandate ask` を実行します。\
渡す方法(暗号化した媒体など)は取り決めによります。渡されたファイルは、申請の後に担当者が消去してください。 / \
Conversion is done by the institution (`renkei convert`, `renkei submit`), and the house has no export. The institution hands the file and its mapping to somebody at the machine of the house's data directory, who runs `renkei mandate ask`; \
how it is handed over (an encrypted medium, say) is a matter of the contract. What was handed over is to be erased there once it was asked for.\n\n\
`ask` はファイルを変換し、エラーがなければ断ります(警告は理由になりません)。エラーがあれば、封印した写し(`mandates/ID.sealed`、ファイルごとの鍵)と、会員、SHA-256、大きさ、エラーのidと件数、目的、申請者の記録(`mandates/ID.toml`)を残します。ファイル名は残しません。 / \
`ask` converts the file and refuses one without an error; a warning is none. Otherwise it keeps a sealed copy (`mandates/ID.sealed`, under a key of its own) and a record (`mandates/ID.toml`): the member, SHA-256, size, errors by their ids and counts, what is to be found out, who asked. The name of the file is not kept.\n\n\
表は、左の操作の後の状態です。「-」は断られます。 / The table says what a mandate is after what was done; `-` is refused.\n\n|";

const AFTER: &str = "\n\
- 承認する2人は別の人で、どちらも申請者ではありません。名前は `--by` で、本人であることは確認しません。システムのアカウントは監査記録と履歴に残ります。 / The two who grant it are not one, and neither asked for it. Names are those of `--by`; that somebody is who they say is not checked, the account of the system is in the audit record and the history.\n\
- 時間は2人目の承認から始まり、2人が指定した時間(`--hours`、指定がなければHOURS時間、最大MOST時間)の短い方です。申請からDAYS日以内に2人の承認がなければ期限切れです。 / The time begins with the second grant: the shorter of what the two say (`--hours`; HOURS hours where nobody says, MOST at most). What two have not granted within DAYS days of being asked for is over.\n\
- `open` はそのファイルを1バイトも変えずに、所有者だけが読める `ID.csv` として書き出し、上書きしません。SHA-256が申請時と異なれば渡しません。取り出したファイルは、調査が済んだら閲覧した人が消去します。期限が過ぎても取り出し済みのファイルには届きません。 / `open` writes that file, octet for octet, as `ID.csv`, which its owner alone can read and which replaces nothing; with another SHA-256 than what was asked for nothing is handed out. Whoever took it out erases it when the cause is found: the end of the time does not reach what was taken out.\n\
- 期限切れまたは終了になると、封印した写しの鍵を上書きして消去します(次の `renkei mandate` の実行時、または稼働中の拠点が1分以内に)。記録は残ります。バックアップには残ることがあります。 / When it is over or closed, the key of the sealed copy is overwritten and the copy removed, by the next `renkei mandate` command or by a running house within a minute. The record stays. Backups may still have the copy.\n\
- 委任は運用の規律と記録のためのもので、拠点の鍵(`keys/`)を読めるアカウントを技術的に締め出すものではありません。 / A mandate is a discipline with a record. It does not shut out an account that can read the keys of the house (`keys/`).\n";

/// By which command something is done with a mandate.
const fn command(deed: Deed) -> &'static str {
    match deed {
        Deed::Ask => "renkei mandate ask FILE --mapping M --member ID --reason TEXT",
        Deed::Grant => "renkei mandate grant ID --by NAME",
        Deed::Open => "renkei mandate open ID --by NAME --out DIR",
        Deed::Close => "renkei mandate close ID",
        Deed::Erase => "(renkei)",
    }
}

/// When somebody may look at a file of an institution.
pub(super) fn section() -> String {
    let mut out = MANDATES.to_owned();
    for state in State::ALL {
        write!(out, " | {} / {}", state.words().ja, state.words().en).unwrap();
    }
    out.push_str(" |\n| --- | --- | --- | --- | --- | --- |\n");
    for deed in Deed::ALL.into_iter().filter(|deed| *deed != Deed::Ask) {
        write!(out, "| {} / {}: `{}`", deed.words().ja, deed.words().en, command(deed)).unwrap();
        for state in State::ALL {
            let after = state.after(deed).map_or("-", |state| state.words().ja);
            write!(out, " | {after}").unwrap();
        }
        out.push_str(" |\n");
    }
    out.push_str("| 時間の経過 / the time is over");
    for state in State::ALL {
        let after = if state.has_an_end() { State::Ended.words().ja } else { "-" };
        write!(out, " | {after}").unwrap();
    }
    out.push_str(" |\n");
    let numbers = [("HOURS", HOURS), ("MOST", MOST_HOURS), ("DAYS", DAYS_TO_GRANT)];
    let after = |text: String, (word, number): (&str, u32)| text.replace(word, &number.to_string());
    out.push_str(&numbers.into_iter().fold(AFTER.to_owned(), after));
    out
}
