//! Who may see and change what: the words of `renkei pki issue`, and what they decide at each transaction.

use super::{mandates, members};
use crate::actors::inbox;
use crate::endpoints;
use crate::pipeline::{self, access::Decided};
use crate::pki::SIGHTS;
use renkei_context::RULES;
use renkei_xds::transaction::{self, ITI_44_ADDED, ITI_45, ITI_47, ITI_55, ITI_56, Transaction};
use std::fmt::Write;

/// What decides at a transaction besides the role.
struct Row {
    transaction: &'static str,
    ja: &'static str,
    en: &'static str,
}

const SEES: [&str; 2] = [
    "範囲外のものは検索結果にも件数にも現れない",
    "what is out of scope is in no answer, nor in any count",
];

const UPDATES: [&str; 2] = [
    "更新できるのは変更できる範囲のもの。新しく加わる著者の機関は ITI-41 と同じで、前の版にあった機関はそのままでよい",
    "updated is what it may change; institutions of authors that come to it as for ITI-41, and those of the version before stay",
];

const PERSONS: [&str; 2] = [
    "範囲内の文書がある人と、自分の発行したIDを持つ人(`identity.source_domains`)だけ。それ以外の人は、存在しない人と同じ応答。役割 source は自分のIDで照会し、自分のIDとコミュニティのIDだけを受け取る。ITI-9、ITI-21 も同じ",
    "persons of whom a document is in scope, and those who have an identifier of the node's own authorities (`identity.source_domains`); anybody else is answered as nobody. As a source it asks by its own identifiers, and is told those and the community's; ITI-9 and ITI-21 likewise",
];

const fn row(transaction: &'static str, [ja, en]: [&'static str; 2]) -> Row {
    Row { transaction, ja, en }
}

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row("ITI-18", SEES),
    row("ITI-38", SEES),
    row("ITI-39", ["範囲外の文書は、存在しない文書と同じ XDSDocumentUniqueIdError", "a document out of scope is XDSDocumentUniqueIdError, as one that does not exist"]),
    row("ITI-41", ["sourceId は自分のもの。`--scope institution=` のあるノードと機関である会員のノードでは、著者の機関も自分のもの。置換・追加・変換・フォルダーへの登録の相手は、変更できる範囲のもの。範囲外は存在しないidと同じ応答", "the sourceId is the node's own, and so are the institutions of authors for a node with `--scope institution=`, and for one of a member that is an institution; what it replaces, adds to, transforms or files into is what it may change, and anything else is answered as an id that names nothing"]),
    row("ITI-42", ["repositoryUniqueId は自分のもの。sourceId は自分のもので、`--source-id` のないノードではほかのノードに発行されていないもの。著者の機関と関連先は ITI-41 と同じ", "the repositoryUniqueId is the node's own, and so is the sourceId: for a node without `--source-id` any that no other node was issued for; institutions of authors and what it joins as for ITI-41"]),
    row("ITI-43", ["範囲外の文書は、存在しない文書と同じ XDSDocumentUniqueIdError", "a document out of scope is XDSDocumentUniqueIdError, as one that does not exist"]),
    row("ITI-51", ["複数の患者を一度に検索できるのは範囲内だけ", "several patients at once, inside the scope only"]),
    row("ITI-57", UPDATES),
    row("ITI-61", ["ITI-42 と同じ", "as for ITI-42"]),
    row("ITI-62", ["削除できるのは変更できる範囲のもの", "removed is what it may change"]),
    row("ITI-86", ["削除できるのは変更できる範囲の文書", "removed is what it may change"]),
    row("ITI-92", UPDATES),
    row("ITI-44", ["役割と `identity.source_domains`: 患者IDの発行者がこのノードのものか、どのノードにも指定がないもの。ITI-8、ITI-64 も同じ", "the role, and `identity.source_domains`: identifiers of the node's own authorities, or of those that nobody is named for; ITI-8 and ITI-64 likewise"]),
    row("ITI-45", PERSONS),
    row("ITI-47", PERSONS),
    row("ITI-55", PERSONS),
    row("ITI-56", ["ITI-55 と同じ。`gateway.tells_locations` も必要", "as for ITI-55, and `gateway.tells_locations`"]),
];

/// Every web-service transaction that nodes call here.
fn transactions() -> impl Iterator<Item = &'static Transaction> {
    let others = [&ITI_44_ADDED, &ITI_45, &ITI_47, &ITI_55, &ITI_56];
    transaction::ALL.iter().copied().chain(others)
}

const HEAD: &str = "# 誰が何を見て、何を変えられるか / Who sees and changes what\n\n\
Written from tables; do not edit. 許可されないものは、存在しないものと同じに見えます。 / Not permitted looks like not existing.\n\n\
役割(`--role`)は呼べるトランザクションを、`--scope` は見える文書を、`--source-id` と `--repository-id` は名乗れるidを決めます。証明書の発行時に \
`renkei pki issue` で指定し、同じ名前で発行し直すと1秒以内に変わります。一覧は `renkei pki list` です。 / A role (`--role`) decides which transactions \
a node may call, `--scope` which documents it sees, `--source-id` and `--repository-id` under which ids it speaks. They are given to `renkei pki issue`; \
issued again under the same name, they change within a second. `renkei pki list` shows them.\n";

const IDS: &str = "\n## 名乗れるid / Ids\n\n\
| 指定 / word | 使えるid | what may be used |\n| --- | --- | --- |\n\
| `--source-id OID` | そのsourceId(複数可)。ほかのノードは使えない | these sourceIds; no other node uses them |\n\
| `--source-id any` | どのsourceIdでも。試験用 | any; for test peers |\n\
| (なし / none) | 最初に受理された登録のsourceId。以後、ほかのノードは使えない | that of its first submission that is not refused, which nobody else uses from then on |\n\
| `--repository-id OID` | そのrepositoryUniqueId(複数可)。そのリポジトリの文書のエントリも見える | these repositoryUniqueIds; the entries of what is kept there are seen, too |\n\
| `--repository-id any` | この拠点自身のもの以外なら何でも。試験用 | any but the house's own; for test peers |\n\
| (なし / none) | なし。リポジトリとして登録できない | none: it registers nothing |\n\n\
homeCommunityId は、この拠点のものか省略です。 / A homeCommunityId is the house's, or left out.\n";

const APART: &str = "\n## レジストリが別プロセスの場合 / A registry in another process\n\n\
リポジトリが `registry.url` のレジストリに要求するとき、最初に求めたノードの名前を知らせ(`registry.names_nodes`)、レジストリはそのノードの権限で判定します。1つのプロセスの場合と同じです。 / A repository that asks the registry at `registry.url` tells \
which node asked it first (`registry.names_nodes`), and the registry decides by what that node is entitled to, as in one process.\n\n\
- レジストリ側で、リポジトリの証明書を `renkei pki issue --role repository --speaks-for ノード名`(複数可)で発行します。`--speaks-for any` はすべてのノードで、別の管理者が承認するまで起動のたびに表示します。 / At the registry the repository's certificate is issued by `renkei pki issue --role repository --speaks-for NODE` (may be \
repeated); `--speaks-for any` is for every node, and told at every start until a second administrator approves it.\n\
- ノードは、同じ名前と役割でレジストリ側にも登録されている必要があります。登録(ITI-42)には source、参照と取得(ITI-18)には consumer、gateway、administrator のいずれか、消去(ITI-86)の確認には administrator の役割が必要です。 / The node has to be entered at the registry, too, under the same name and with the role for what it asked of \
the repository: source to register (ITI-42), consumer, gateway or administrator to retrieve (ITI-18), administrator to erase (ITI-86).\n\
- `--speaks-for` のないノード、登録のないノード、失効したノードに代わる要求は、どれも同じ言葉で断ります(`fault-not-spoken-for`)。リポジトリ自身の権限では判定しません。 / A request on behalf of a node without the word, of one that is not entered, or of one that is revoked is refused in the same words \
(`fault-not-spoken-for`), and never judged by what the repository itself is entitled to.\n\
- どの文書を取得・消去できるかは、レジストリの登録内容で決まります。ただし、リポジトリ側で `--scope domain` のノードについては、レジストリに確認しません。 / Which documents may be retrieved and erased is decided by what the registry has of the node; of a node that has `--scope domain` at the repository the registry is not asked.\n\
- ほかの拠点のレジストリには `registry.names_nodes=false` を指定します。レジストリはリポジトリの証明書で判定し、`own` はリポジトリのノードが登録したものを指します。 / Where the registry is another house's: `registry.names_nodes=false`. It judges by the repository's certificate then, and `own` is what the \
repository's node registered.\n";

const RULED: &str = "\n## 判定 / The decision\n\n\
すべての要求を、1つの関数 `may(principal, action, object)` がこの表で判定します(`context/src/may.rs`)。表にないことは断ります。検索では、同じ判定を行ごとにSQLの中で行います。拒否の理由は記録のためのもので、相手には伝えないことがあります。 / \
Every request is decided by one function, `may(principal, action, object)`, by this table (`context/src/may.rs`); what it does not speak of is refused. Searches have the same decided row by row inside the SQL. \
The reason is for the record, and often not told to the peer.\n\n\
| action | 対象 / object | 許可する条件 / permitted when | 理由 / otherwise |\n| --- | --- | --- | --- |\n";

const MET: &str = "\n## 誰に何が起こるか / What a request is met with\n\n\
接続点とトランザクションごとに、証明書と範囲によって何が起こるかを示します。すべての欄を試験が確かめます。管理用の接続点(`admin`)は、このマシンからだけ接続でき、文書や氏名を返しません。 / What happens, \
by endpoint, transaction, certificate and scope; every cell is asked by a test. The endpoint `admin` is reached from this machine alone, and tells neither documents nor names.\n\n\
- handshake: TLSの接続ができない / there is no connection. forbidden: HTTP 403, closed: 接続が切れる / the connection ends; role: 役割がない、と断る / refused, as without the role.\n\
- done: 行う / it is done; nothing: 何もない場合と同じ成功 / Success, as where there is nothing; unknown: 存在しないidと同じ応答 / as an id that names nothing; refused: そのidは名乗れない、と断る / refused, \
naming the id that the node may not use; later: 受け付け、後の回答は ITI-55 と同じ / acknowledged, and what is answered later is as for ITI-55.\n\n\
| | | 対象 / object | 役割 / roles | 証明書なし / no certificate | 失効 / revoked | 役割違い / wrong role | 範囲なし / without | 他の範囲 / foreign | 正しい範囲 / right |\n\
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

const LEARNT: &str = "\n## 見えないものについて、なお分かること / What can still be learnt of what is hidden\n\n\
- idが使われていること: 使用中のuniqueIdやentryUUIDで登録すると断られます。idは推測できない値にしてください。 / That an id is taken: a submission under a uniqueId or \
entryUUID in use is refused. Ids should be such as nobody guesses.\n\
- フォルダーの更新時刻: 見えるフォルダーに見えない文書が入ると、lastUpdateTime が変わります。 / When a folder changed: lastUpdateTime moves when a hidden document is put into a \
folder that is seen.\n\
- IDの発行者が使われていること、条件の緩い検索で該当者が2,000人を超えること(範囲外の人を含む)。 / That identifiers of an authority are in use, and that a search leads to more than 2 000 persons, with those out of scope.\n\
- 範囲内の人について、ほかの機関が通知した氏名・住所・識別子。 / Of a person of whom a document is in scope: the names, addresses and identifiers that others have told.\n\
- 応答時間: 存在しないものとの差は1割以内です(`renkei-bench scopes`)。繰り返し測れば、検索では数十µsの差が分かります。 / How long an answer takes: within a tenth of what does not exist (`renkei-bench scopes`); who measures often enough can tell some ten microseconds at a query.\n\
- 同じ uniqueId で送られたものの違い: ハッシュ・サイズ・種類が登録済みのものと異なると、その旨が応答に入ります。ほかの登録者も登録している文書のハッシュやサイズの更新(ITI-57)も同じです。 / What is registered under a uniqueId that one knows: a submission under it hears in what its hash, size \
or type differs. So does an update (ITI-57) of hash or size, where others have an entry of the document, too.\n\
- 本人を知っていること: 患者IDに自分の文書を登録すると、その人は範囲内になります(氏名・住所・識別子を検索できます)。登録(ITI-41、ITI-42)の応答から、患者IDが登録済みか、統合済みかが分かります。 / Who is a patient: whoever submits a document for a patient id has that person in its scope from then on (names, addresses, identifiers), and a \
submission hears whether a patient id is known or was merged.\n\
- 同じSubmissionSetの他の送付先、登録者が使っているsourceId。 / The other recipients of a SubmissionSet that is seen, and that a sourceId is in use.\n\
- `registry.names_nodes=false` の場合: `own` は、登録したリポジトリのノードを指します。リポジトリに登録した機関は `institution=` で指定してください。 / With `registry.names_nodes=false` `own` is what \
the repository's node registered: give the sources behind it `institution=`.\n\n\
## まだ制限していないこと / What is not limited yet\n\n\
- 他コミュニティ: 相手は、照会した人ではなくこの拠点に対して開示したものを返します。自分が登録したものしか見えないノードのためには照会しません。`insurer`、`employer`、`institution` のノードには、対象区分と著者の機関が範囲に合う文書だけを渡します。\
送付先は文書のメタデータにないため、相手の開示の判断によります。SubmissionSet、フォルダー、判定できないものは渡しません。 / \
Other communities answer our house by what they open to it, and not whoever asks it. For a node that sees only what it submitted they are not asked. To one of an insurer, an employer or an institution the documents are given whose audience and \
author institution are in its scope; the recipient is in no DocumentEntry, and left to the judgement of the community. SubmissionSets, Folders and what cannot be judged are not given.\n\
- 患者フィード: `identity.source_domains` に指定のないノードは、どのノードにも指定のない発行者の患者IDを通知・統合できます。指定のあるノードの通知には、アフィニティドメインのID、保険証の記号番号、どのノードにも指定のない発行者のIDが入っていてもかまいません。確認するのは発行者だけで、本人かどうかは確認しません。 / The patient feed: a node that `identity.source_domains` does not name announces and merges \
identifiers of every authority that nobody is named for. What a node that is named announces may hold identifiers of the affinity domain, cards, and identifiers of authorities that nobody is named for besides. Whose an identifier is by its authority is looked at, and not whether it is this person's.\n\
- `registry.names_nodes=false` の場合: 同じリポジトリに登録する機関どうしの置換・追加・フォルダーへの登録は、リポジトリの証明書で判定され、機関ごとには sourceId だけが確認されます。 / With `registry.names_nodes=false` what sources behind one \
repository replace, add to and file into is judged by the repository's certificate; of the source itself only the sourceId is looked at.\n\
- 更新(ITI-57、ITI-92)のSubmissionSetの sourceId は何でもかまいません。管理者は、ほかの登録者が送ったものを訂正するためです。著者の機関(authorInstitution)を確認するのは `--scope institution=` のあるノードと、機関である会員のノード(`domain` を除く)だけです。 / The SubmissionSet of an update (ITI-57, ITI-92) may have any sourceId: administrators correct what others sent. The institutions of authors (authorInstitution) are looked at only of a node with `--scope institution=`, and of one of a member that is an institution, unless its scope is `domain`.\n\
- 見える文書は、同じ uniqueId・同じ内容で登録し直せます。その文書は、すべての登録を変更できる管理者だけが消去(ITI-86)できるようになります。 / A document that is seen can be submitted again, under the same uniqueId with the same octets; \
from then on only whoever may change all its entries erases it (ITI-86).\n\
- 外部CAのノードの代理: リポジトリが別プロセスの場合、レジストリは最初に求めたノードの証明書を見ません。CRLによる失効は、リポジトリ側のTLS接続で判定します(`pki revoke` は両方に必要です)。 / On behalf of a node of a foreign CA: with the repository in another process the registry never sees the certificate of the node that \
asked first. Whether a CRL has it is looked at where it connects, at the repository; `pki revoke` is wanted at both.\n\
- 見えない関連が参照しているものは、ITI-62 で削除できません(関連のidは伝えません)。 / What a hidden association depends on cannot be removed by ITI-62; its id is not told.\n\
- 送付先の訂正: 送付先(intendedRecipient)は、更新では増えるだけで、なくなりません。なくすには、文書を削除して登録し直してください。対象区分と著者の機関の訂正は、以前の版にも及びます(以前の版のメタデータと、SubmissionSet自身の著者の機関は、登録時のままです)。 / \
A recipient is never taken away by an update: remove the document and submit it anew. A corrected audience or author institution counts for the earlier versions, too; what their metadata say stays, and so do the institutions of a SubmissionSet's own authors.\n\
- 他コミュニティの文書の以前の版: 同じ応答に新しい版があればその版で、なければその版自身で判定します。 / An earlier version of another community's document is judged by the newest version in the same answer, and by itself where it comes alone.\n\
- 年度のフォルダーとオンデマンド文書のidは、患者IDから計算できます。 / The ids of year folders and of On-Demand documents can be computed from the patient id.\n";

/// The page.
pub(super) fn page() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n## 範囲 / Scopes\n\n| `--scope` | 見えるもの | what is seen | 変更 / changes |\n| --- | --- | --- | --- |\n");
    for sight in SIGHTS {
        let changes = if sight.changes { "可 / yes" } else { "不可 / no" };
        writeln!(out, "| `{}` | {} | {} | {changes} |", sight.word, sight.ja, sight.en).unwrap();
    }
    out.push_str("\n`own` は常に含まれます。複数指定すると、いずれかに当たるものが見えます。対象区分(STAT、FULL、WORK、CONS)は confidentialityCode で、文書ごとに決まります。登録したSubmissionSetは、含まれる文書の区分で見えます。フォルダーは、\
見える文書が入っていれば、関連は両端が見えれば見えます。 / `own` is always among them; of several scopes one is enough. The audience (STAT, FULL, WORK, CONS) is a confidentialityCode of each document; a SubmissionSet has the audiences of its documents. A Folder \
is seen by whoever sees a document in it, an Association by whoever sees both its ends.\n");
    out.push_str(IDS);
    out.push_str(APART);
    out.push_str("\n## トランザクション / Transactions\n\n| | 役割 / roles | 決めるもの | what decides |\n| --- | --- | --- | --- |\n");
    for transaction in transactions() {
        let row = ROWS.iter().find(|row| row.transaction == transaction.id).unwrap();
        let roles: Vec<&str> = transaction.may_call.iter().map(|role| role.name()).collect();
        writeln!(out, "| {} | {} | {} | {} |", row.transaction, roles.join(", "), row.ja, row.en)
            .unwrap();
    }
    out.push_str(RULED);
    for rule in RULES {
        let ([ja, en], [yes_ja, yes_en]) = (rule.object, rule.when);
        let (action, otherwise) = (rule.action.name(), rule.otherwise.name());
        writeln!(out, "| {action} | {ja} / {en} | {yes_ja} / {yes_en} | {otherwise} |").unwrap();
    }
    out.push_str(MET);
    for decided in all_decided() {
        let roles: Vec<&str> = decided.roles.iter().map(|role| role.name()).collect();
        let (endpoint, roles) = (decided.endpoint, roles.join(", "));
        let revoked = if endpoint.is_mllp() { "closed" } else { "forbidden" };
        for row in decided.access {
            let [en, ja] = row.object;
            let [without, foreign, right] =
                [row.without, row.foreign, row.right].map(|met| met.word());
            writeln!(
                out,
                "| `{}` | {} | {ja} / {en} | {roles} | handshake | {revoked} | role | {without} | {foreign} | {right} |",
                endpoint.name, decided.transaction
            )
            .unwrap();
        }
    }
    out.push_str(&members::section());
    out.push_str(&mandates::section());
    out.push_str(LEARNT);
    out
}

/// What is decided at every endpoint.
fn all_decided() -> impl Iterator<Item = Decided> {
    pipeline::decided().into_iter().chain(inbox::decided())
}

#[test]
fn every_endpoint_for_nodes_says_what_is_decided_there() {
    for endpoint in endpoints::served().filter(|of| of.name != endpoints::ADMIN.name) {
        let rows = all_decided().filter(|of| of.endpoint.name == endpoint.name);
        assert!(rows.map(|of| of.access.len()).sum::<usize>() > 0, "{}", endpoint.name);
    }
}

#[test]
fn every_transaction_says_what_decides() {
    for transaction in transactions() {
        let rows = ROWS.iter().filter(|row| row.transaction == transaction.id).count();
        assert_eq!(rows, 1, "{}", transaction.id);
    }
    for row in ROWS {
        assert!(transactions().any(|t| t.id == row.transaction), "{}", row.transaction);
    }
}
