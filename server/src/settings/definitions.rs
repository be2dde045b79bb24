//! The settings, each defined once: key, type, default, what it is for.
//!
//! A row yields the field, the reading, the error messages and the lines of `renkei.toml`.
//! Adding a setting is adding a row.

use super::kind::{self, Consumer, Expected, Form, ReplyAddress, Repositories};
use super::reading::Reading;
use super::words::{
    Actor, ContentHome, LogFormat, OnDemandEntries, PatientPolicy, StaleCrl, TlsProfile,
    TlsVersion, UnknownPatient,
};
use crate::time::TimeServer;
use renkei_hl7v2::authorities::NamedAuthority;
use renkei_metadata::ids::{HomeCommunityId, Oid, RepositoryUniqueId};
use renkei_metadata::update::EntryAttribute;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A row of the table as far as files and messages need it.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// The dotted key.
    pub(crate) key: &'static str,
    /// The default as text; empty for ids, which are made when a house is founded.
    pub(crate) default: &'static str,
    pub(crate) form: Form,
    pub(crate) expected: Expected,
    pub(crate) en: &'static str,
    pub(crate) ja: &'static str,
}

macro_rules! settings {
    ($(
        $(#[$doc:meta])*
        $section:ident: $Section:ident {
            $( $name:ident: $type:ty = $key:literal, $kind:expr, $default:literal, $en:literal, $ja:literal; )*
        }
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub(crate) struct $Section { $( #[doc = $en] pub(crate) $name: $type, )* }
        )*

        /// Every setting of this process, read and checked.
        #[derive(Clone, Debug)]
        pub(crate) struct Settings { $( $(#[$doc])* pub(crate) $section: $Section, )* }

        impl Settings {
            /// Reads every row; what cannot be read is left as a problem in `reading`.
            pub(super) fn build(reading: &mut Reading) -> Option<Self> {
                // Every row is read before any is given up, so that all problems are told at once.
                $( let $section = ( $( reading.value($key, &$kind, $default), )* ); )*
                $( let $section = { let ( $( $name, )* ) = $section; $Section { $( $name: $name?, )* } }; )*
                Some(Self { $( $section, )* })
            }
        }

        /// The rows in the order in which they are documented.
        pub(crate) fn definitions() -> Vec<Definition> {
            vec![ $( $( {
                let kind: kind::Kind<$type> = $kind;
                Definition { key: $key, default: $default, form: kind.form, expected: kind.expected, en: $en, ja: $ja }
            }, )* )* ]
        }
    };
}

settings! {
    /// The house as a whole.
    house: House {
        public_host: String = "public_host", kind::host(), "localhost",
            "The name under which other systems reach this host; it stands in URLs and in the server certificate (which also holds for 127.0.0.1 and ::1).",
            "他システムがこのホストに接続する際の名前。URLとサーバー証明書に使われます(証明書は127.0.0.1と::1にも有効)。";
        actors: Vec<Actor> = "actors", kind::words(Actor::NAMES), "registry,repository,on_demand,responding_gateway,initiating_gateway,xcpd,patient_feed,pixpdq,audit",
            "What this process serves.",
            "このプロセスが提供する機能。";
    }
    /// Where the house listens.
    listen: Listen {
        systems: Option<SocketAddr> = "listen.systems", kind::address(), "127.0.0.1:8443",
            "HTTPS for systems (SOAP); a client certificate is required.",
            "システム間のHTTPS(SOAP)。クライアント証明書が必須。";
        people: Option<SocketAddr> = "listen.people", kind::address(), "",
            "HTTPS for people (portal). Empty: not served.",
            "利用者向けHTTPS(ポータル)。空の場合は提供しない。";
        mllp: Option<SocketAddr> = "listen.mllp", kind::address(), "127.0.0.1:2575",
            "HL7 v2 patient feed and queries for persons: MLLP over TLS; a client certificate is required.",
            "HL7 v2 患者情報の受信と患者の照会(MLLP over TLS)。クライアント証明書が必須。";
        admin: Option<SocketAddr> = "listen.admin", kind::loopback(), "127.0.0.1:8445",
            "Plain HTTP on loopback: /health/live, /health/ready, /metrics.",
            "ループバックのみのHTTP: /health/live、/health/ready、/metrics。";
    }
    /// The Document Registry.
    registry: Registry {
        database: String = "registry.database", kind::database(), "sqlite:databases/registry.sqlite",
            "Database of the registry.",
            "レジストリのデータベース。";
        url: Option<url::Url> = "registry.url", kind::https(), "",
            "Registry that the repository registers with by ITI-42. Empty: the registry of this process, without network.",
            "リポジトリがITI-42で登録する先のレジストリ。空の場合はこのプロセスのレジストリを直接呼び出す。";
        identity: Option<PathBuf> = "registry.identity", kind::path(), "",
            "Directory with cert.pem, key.pem and ca.pem to present at registry.url. Empty: a certificate of the own CA.",
            "registry.url に提示する cert.pem、key.pem、ca.pem のディレクトリ。空の場合は自CAの証明書。";
        names_nodes: bool = "registry.names_nodes", kind::yes_or_no(), "true",
            "Whether the repository tells the registry at registry.url which node asked it first, so that this node's entitlements decide there; the repository's certificate has to be issued with --speaks-for. false: where the registry is another house's, which then judges by the repository's certificate.",
            "registry.url のレジストリに、最初に求めたノードを知らせ、そのノードの権限で判定させるかどうか。リポジトリの証明書に --speaks-for が必要。false: レジストリが他の拠点のもので、リポジトリの証明書で判定される場合。";
        protected_attributes: Vec<EntryAttribute> = "registry.protected_attributes", kind::attributes(), "",
            "Attributes of documents (typeCode, title, ...) that no restricted update (ITI-92) changes, besides those that the standard protects.",
            "制限付き更新(ITI-92)で変更させない文書の属性(typeCode、title など)。標準が保護する属性に加えて指定する。";
    }
    /// The Document Repository.
    repository: Repository {
        database: String = "repository.database", kind::database(), "sqlite:databases/repository.sqlite",
            "Database of the repository.",
            "リポジトリのデータベース。";
        content: ContentHome = "repository.content", kind::word(ContentHome::NAMES), "auto",
            "Where documents are kept, always encrypted: segments (files in content/ of the data directory) or database (rows; needed when processes on several machines share a PostgreSQL). auto: segments beside SQLite, database on PostgreSQL. Documents stay where they are when this changes.",
            "文書の保存先(常に暗号化)。segments: データディレクトリの content/ のファイル。database: データベース内(複数のマシンで PostgreSQL を共有する場合に必要)。auto: SQLite なら segments、PostgreSQL なら database。変更しても保存済みの文書は移動しない。";
        lease_seconds: u64 = "repository.lease_seconds", kind::whole(1, 3_600), "60",
            "A process that was silent this long is taken for dead, and its unfinished uploads are removed.",
            "この秒数応答のないプロセスは停止したとみなし、未完了のアップロードを削除する。";
        grace_seconds: u64 = "repository.grace_seconds", kind::whole(1, 86_400), "60",
            "How long a registration whose answer was lost may still be under way before the registry is asked.",
            "応答を失った登録について、レジストリに照会するまでの待ち時間(秒)。";
        sweep_seconds: u64 = "repository.sweep_seconds", kind::whole(1, 3_600), "30",
            "How often unsettled submissions are looked for.",
            "未確定の登録を確認する間隔(秒)。";
    }
    /// The On-Demand Document Source.
    on_demand: OnDemandSettings {
        entries: OnDemandEntries = "ondemand.entries", kind::word(OnDemandEntries::NAMES), "by-command",
            "When a person gets the On-Demand document with the checkups of all years: by-command (renkei ondemand register), or automatic with the first HS037 document that arrives here; in both cases one for each kind of reader.",
            "全年度の健診結果のオンデマンド文書を登録する時点。by-command: renkei ondemand register の実行時。automatic: HS037 文書が初めて届いたとき。いずれも閲覧範囲ごとに1件。";
        persist: bool = "ondemand.persist", kind::yes_or_no(), "false",
            "Whether each On-Demand document that is given out is kept: stored, and registered as a snapshot, before the answer leaves.",
            "提供したオンデマンド文書を、応答の前に保存しスナップショットとして登録するかどうか。";
        sources: usize = "ondemand.sources", kind::whole(1, 100_000), "500",
            "Documents that one On-Demand document may be made of.",
            "オンデマンド文書1件に含める文書の数。";
        bytes: usize = "ondemand.bytes", kind::whole(1_024, 1_073_741_824), "33554432",
            "Bytes of one On-Demand document, which is made in memory.",
            "オンデマンド文書1件のバイト数(メモリ上で作成)。";
        at_once: usize = "ondemand.at_once", kind::whole(1, 1_000), "2",
            "On-Demand documents that are made at the same time; further ones wait.",
            "同時に作成するオンデマンド文書の数。超える分は待つ。";
    }
    /// Who the patients are.
    identity: IdentitySettings {
        database: String = "identity.database", kind::database(), "sqlite:databases/identity.sqlite",
            "Database of the persons that the patient feed brings. Processes that share a registry.database share this one, too.",
            "患者フィードで届いた人(氏名・生年月日・IDなど)のデータベース。registry.database を共有するプロセスは、これも共有する。";
        insured_authority: Option<Oid> = "identity.insured_authority", kind::optional_oid(), "",
            "Authority (OID) under which communities agreed to name insured persons, as INSURER:SYMBOL:NUMBER:BRANCH. Empty: one of this house alone (insured_authority of the ready line), which is not told to other communities.",
            "コミュニティ間で合意した、被保険者を「保険者番号:記号:番号:枝番」の形で示すIDの発行者(OID)。空の場合はこの拠点だけの発行者(起動行の insured_authority)を使い、他のコミュニティには送らない。";
        shared_authorities: Vec<Oid> = "identity.shared_authorities", kind::oids(), "",
            "Other authorities (OIDs) whose identifiers mean the same person in every community.",
            "どのコミュニティでも同じ人を示すIDの、その他の発行者(OID)。";
        rules: Option<PathBuf> = "identity.rules", kind::path(), "",
            "Rules of matching (TOML) of a new database of persons; empty: those of the program. One that has rules keeps them until renkei patient rematch.",
            "新しいデータベースに適用する名寄せの規則(TOML)。空の場合はプログラム付属の規則。適用済みの規則は renkei patient rematch まで変わらない。";
        notify: Vec<Consumer> = "identity.notify", kind::consumers(), "",
            "Consumers who are told when the identifiers of a person change, with the domains in which they are interested: over HL7 v2 (ITI-10) each as mllps://HOST:PORT/APPLICATION/FACILITY#OID+OID, over HL7 v3 (ITI-46) as https://HOST:PORT/PATH#DEVICE/OID+OID. It needs the registry beside it.",
            "人のIDの対応が変わったときに通知する相手と、関心のある発行者(OID)。HL7 v2(ITI-10)は「mllps://ホスト:ポート/アプリケーション/施設#OID+OID」、HL7 v3(ITI-46)は「https://ホスト:ポート/パス#機器のOID/OID+OID」の形で指定する。同じプロセスにレジストリが必要。";
        source_domains: Vec<NamedAuthority> = "identity.source_domains", kind::sources(), "",
            "By whose identifiers a node with the role source, and not consumer, may look for persons: NODE=OID (renkei pki issue --name), NODE=OID,OID for several; NODE for ids.assigning_authority. Others of that role may not. The same for the patient feed: a node with the role feed announces, changes and merges identifiers of the authorities that it is named for, and no other node does; one that is not named those that nobody is named for.",
            "ロールがconsumerでなくsourceであるノードが患者の照会に使えるIDの発行者。ノード名=OID(renkei pki issue --name)、複数は ノード名=OID,OID、ids.assigning_authority はノード名のみ。指定のないsourceは照会できない。患者フィードも同じ: ロールfeedのノードは、指定された発行者のIDだけを通知・統合でき、ほかのノードはそのIDを通知・統合できない。指定のないノードは、どのノードにも指定のない発行者のIDを通知・統合できる。";
    }
    /// The gateways.
    gateway: GatewaySettings {
        query_seconds: u64 = "gateway.query_seconds", kind::whole(1, 600), "30",
            "Seconds in which another community has to answer a query (ITI-38); what is not there then is told as missing.",
            "他コミュニティが検索(ITI-38)に応答するまでの秒数。超えた分は結果に含まれない旨を通知する。";
        discovery_seconds: u64 = "gateway.discovery_seconds", kind::whole(1, 600), "10",
            "Seconds, within gateway.query_seconds, in which another community has to say as whom it knows a patient (ITI-55).",
            "gateway.query_seconds のうち、他コミュニティが患者照会(ITI-55)に応答するまでの秒数。";
        correlation_days: u32 = "gateway.correlation_days", kind::whole(0, 3_650), "30",
            "Days for which the patient id that another community told is used at most, and for which others may use ours; never longer than it allows. 0: each query asks anew.",
            "他コミュニティが応答した患者IDを使い続ける最長の日数(相手がこちらの患者IDを使える日数も同じ)。相手が許す期間を超えない。0の場合は検索のたびに照会する。";
        tells_locations: bool = "gateway.tells_locations", kind::yes_or_no(), "false",
            "Whether gateways of other communities are told which communities hold data of a patient (ITI-56): this one, and those that told that they know the patient. It tells third parties where somebody is a patient.",
            "他コミュニティのゲートウェイに、患者のデータを持つコミュニティ(このコミュニティと、患者を知っていると応答したコミュニティ)を答えるかどうか(ITI-56)。患者がどこにかかっているかを第三者に知らせることになる。";
        unknown_patient: UnknownPatient = "gateway.unknown_patient", kind::word(UnknownPatient::NAMES), "empty",
            "What a query of another community (ITI-38) is answered about a patient who is not known here. empty: that there is nothing, which does not disclose who is known. error: XDSUnknownPatientId.",
            "他コミュニティからの検索(ITI-38)で、ここに登録のない患者についての応答。empty: 0件(誰が登録されているかを明かさない)。error: XDSUnknownPatientId。";
        identity: Option<PathBuf> = "gateway.identity", kind::path(), "",
            "Directory with cert.pem, key.pem and ca.pem with which the gateway retrieves from community.repositories for other communities and, at the Initiating Gateway, for our own consumers. Empty: a certificate of the own CA.",
            "ゲートウェイが他コミュニティと(Initiating Gatewayでは)自コミュニティの利用者のために community.repositories から取得する際に提示する cert.pem、key.pem、ca.pem のディレクトリ。空の場合は自CAの証明書。";
        retrieve_seconds: u64 = "gateway.retrieve_seconds", kind::whole(1, 3_600), "120",
            "Seconds in which another community has to begin its answer to a retrieval (ITI-39), and for which its documents may stand still.",
            "他コミュニティが文書取得(ITI-39)に応答を始めるまで、および転送が止まってから打ち切るまでの秒数。";
        together_seconds: u64 = "gateway.together_seconds", kind::whole(1, 3_600), "45",
            "Seconds until documents of several communities or repositories that one answer gives together have to be here to their end. What is not is left out and told; documents of one of them alone stream on.",
            "複数のコミュニティ・リポジトリの文書を一度に返す際、すべて届くまで待つ秒数。間に合わない文書は除外して知らせる。1か所だけの文書は届いた順に渡す。";
        spool_bytes: u64 = "gateway.spool_bytes", kind::whole(0, 1 << 44), "4294967296",
            "Octets of large documents of other communities or repositories that are kept in the data directory, sealed and for a moment, until they are whole, where one answer gives documents of several; one caller takes a fourth of them. Beyond that they are left out and told.",
            "複数のコミュニティ・リポジトリの文書を一度に返す際、大きな文書がすべて届くまでデータディレクトリに一時保管(暗号化)するバイト数。1つの利用者はその4分の1まで。超える文書は除外して知らせる。";
        at_once: usize = "gateway.at_once", kind::whole(1, 1_000), "8",
            "Questions of one kind (discovery, query, retrieval) to one community at the same time; further ones wait within their time.",
            "1つのコミュニティへの同時照会数(患者照会・検索・取得ごと)。超える分は制限時間内で待つ。";
    }
    /// The other repositories of the community.
    others: Others {
        repositories: Repositories = "community.repositories", kind::repositories(), "",
            "The other repositories that register at the registry of this community, each as OID=https://...; told to consumers in connect.json, who retrieve from each by its OID.",
            "このコミュニティのレジストリに登録する他のリポジトリ(OID=https://... の一覧)。connect.json で利用者に伝わり、OIDごとに取得先が決まる。";
    }
    /// The audit records.
    audit: Audit {
        database: String = "audit.database", kind::database(), "sqlite:databases/audit.sqlite",
            "Database of the index of the audit records; on PostgreSQL the records are delivered to it.",
            "監査記録のデータベース。";
    }
    /// Identifiers of the house, made when it is founded; changing one later cuts old documents off.
    ids: HouseIds {
        home_community: HomeCommunityId = "ids.home_community", kind::home_community(), "",
            "homeCommunityId of this community (urn:oid:...). Never change it once documents exist.",
            "このコミュニティのhomeCommunityId(urn:oid:...)。文書の登録後は変更しないこと。";
        repository: RepositoryUniqueId = "ids.repository", kind::repository_id(), "",
            "repositoryUniqueId (OID). Never change it once documents exist.",
            "repositoryUniqueId(OID)。文書の登録後は変更しないこと。";
        assigning_authority: Oid = "ids.assigning_authority", kind::oid(), "",
            "Assigning authority (OID) of the patient ids of this affinity domain.",
            "アフィニティドメインの患者IDの発行者(OID)。";
        namespaces: Vec<NamedAuthority> = "ids.namespaces", kind::named_authorities(), "",
            "Namespace ids by which senders of the HL7 v2 patient feed name authorities: NAME for ids.assigning_authority, NAME=OID for another.",
            "HL7 v2 患者フィードの送信元が発行者を示す名前(namespace ID)。ids.assigning_authority には NAME、他の発行者には NAME=OID。";
        source: Oid = "ids.source", kind::oid(), "",
            "sourceId (OID) of the document source of this house.",
            "この拠点のDocument SourceのsourceId(OID)。";
    }
    /// Patients.
    patient: Patient {
        policy: PatientPolicy = "patient.policy", kind::word(PatientPolicy::NAMES), "known-only",
            "known-only: documents are registered only for patients announced by the feed. accept-any: for every patient of the assigning authority.",
            "known-only: フィードで通知済みの患者の文書だけを登録する。accept-any: 発行者が一致すれば登録する。";
    }
    /// Codes.
    codes: Codes {
        file: Option<PathBuf> = "codes.file", kind::path(), "codes.xml",
            "Code list of the affinity domain (codes.xml form), relative to the data directory.",
            "アフィニティドメインのコード表(codes.xml形式)。データディレクトリからの相対パス。";
    }
    /// TLS.
    tls: TlsSettings {
        min_version: TlsVersion = "tls.min_version", kind::word(TlsVersion::NAMES), "1.3",
            "Lowest TLS version accepted: 1.3, or 1.2 for older peers.",
            "受け入れるTLSの最低版。1.3、または古い相手のために1.2。";
        certificate: Option<PathBuf> = "tls.certificate", kind::path(), "",
            "Certificate (PEM) that the server presents, followed by its chain up to the CA that nodes trust; relative to the data directory. Empty: one of the own CA, made and renewed here.",
            "サーバーが提示する証明書(PEM)。相手が信頼する認証局までのチェーンを続ける。データディレクトリからの相対パス。空の場合は自CAの証明書を作成・更新する。";
        key: Option<PathBuf> = "tls.key", kind::path(), "",
            "Key (PEM, without password) of tls.certificate.",
            "tls.certificate の秘密鍵(PEM、パスワードなし)。";
        profile: TlsProfile = "tls.profile", kind::word(TlsProfile::NAMES), "high-security",
            "Suites of TLS 1.2, where tls.min_version allows it. high-security: ECDHE with AES-GCM or ChaCha20-Poly1305, as the Japanese guideline's type of that name. bcp195: those of BCP 195 and of the IHE option TLS 1.2 Floor (AES-GCM with ECDHE, and with DHE behind them), for connectathons.",
            "tls.min_version で TLS 1.2 を許可した場合の暗号スイート。high-security: ECDHE と AES-GCM または ChaCha20-Poly1305(TLS暗号設定ガイドラインの高セキュリティ型)。bcp195: BCP 195 と IHE の TLS 1.2 Floor オプションのもの(ECDHE と AES-GCM、次に DHE)。コネクタソン用。";
        stale_crl: StaleCrl = "tls.stale_crl", kind::word(StaleCrl::NAMES), "refuse",
            "What becomes of the nodes of a trusted CA (renkei pki trust add-ca --crl) whose CRL is missing or past its nextUpdate. refuse: they are let in no more, and their connections end. admit: they are let in, unless they are on the last CRL; for a CA whose lists are often late.",
            "失効リストがない、または期限(nextUpdate)を過ぎた認証局(renkei pki trust add-ca --crl)のノードの扱い。refuse: 接続を拒否し、開いている接続も切断する。admit: 最後の失効リストにないノードは接続を許可する(失効リストの発行が遅れがちな認証局向け)。";
        crl_seconds: u64 = "tls.crl_seconds", kind::whole(10, 604_800), "3600",
            "Seconds after which the CRL of a trusted CA is fetched again, and at its nextUpdate. One in a file is read as soon as it changes.",
            "信頼した認証局の失効リストを取得し直す間隔(秒)。期限(nextUpdate)にも取得する。ファイルの場合は、変わるとすぐに読む。";
        crl_bytes: usize = "tls.crl_bytes", kind::whole(1_024, 268_435_456), "16777216",
            "Bytes of the CRL of a trusted CA.",
            "信頼した認証局の失効リストのバイト数。";
    }
    /// Answers that are messages of their own.
    asynchronous: Asynchronous {
        allowed_reply_to: Vec<ReplyAddress> = "async.allowed_reply_to", kind::reply_addresses(), "",
            "Addresses to which replies are sent (wsa:ReplyTo, wsa:FaultTo, respondTo): https URLs, compared by scheme, host, port and leading path. NAME=https://... for requests of that node alone (renkei pki issue --name); without a name, any node may have its answers sent there. Empty: answers go back on the connection only.",
            "返信(wsa:ReplyTo、wsa:FaultTo、respondTo)の送信を許可するアドレス。https のURLで、スキーム・ホスト・ポート・先頭のパスで照合。「ノード名=https://...」とすると、そのノード(renkei pki issue --name)からの要求に限る。名前がない場合は、どのノードの応答もそこへ送られる。空の場合は同じ接続でのみ応答する。";
        trusted_ca: Option<PathBuf> = "async.trusted_ca", kind::path(), "",
            "CAs (PEM) of those who receive replies, besides the house's own.",
            "返信の受信側を検証するCA(PEM)。自CAに加えて信頼する。";
        replies: u32 = "async.replies", kind::whole(1, 1_000_000), "10000",
            "Replies that may wait for delivery, each for a day; further ones are refused.",
            "配送待ちの返信の件数(最長1日保管)。超えると拒否。";
        partner_replies: u32 = "async.partner_replies", kind::whole(1, 1_000_000), "1000",
            "Replies to the requests of one node that may wait for delivery; further ones of that node are refused.",
            "1つのノードの要求に対する配送待ちの返信の件数。超えるとそのノードの分を拒否。";
        reply_bytes: usize = "async.reply_bytes", kind::whole(1_024, 268_435_456), "16777216",
            "Bytes of one reply with all its documents.",
            "文書を含む返信1件のバイト数。";
    }
    /// Limits; a refusal names the one that was hit.
    limits: Limits {
        root_bytes: usize = "limits.root_bytes", kind::whole(1_024, 1_073_741_824), "33554432",
            "Bytes of the XML of one message.",
            "1メッセージのXMLのバイト数。";
        parts: usize = "limits.parts", kind::whole(1, 100_000), "1000",
            "Parts of one MTOM message.",
            "1つのMTOMメッセージのパート数。";
        part_header_bytes: usize = "limits.part_header_bytes", kind::whole(256, 1_048_576), "8192",
            "Bytes of the headers of one MTOM part.",
            "MTOMパート1つのヘッダーのバイト数。";
        message_bytes: u64 = "limits.message_bytes", kind::whole(1_024, 1_099_511_627_776), "2147483648",
            "Bytes of one message with all its documents.",
            "文書を含む1メッセージのバイト数。";
        inline_document_bytes: usize = "limits.inline_document_bytes", kind::whole(1_024, 1_073_741_824), "16777216",
            "Bytes of one document sent inside the XML as base64, decoded.",
            "XML内にbase64で送られる文書1件の復号後バイト数。";
        xml_depth: usize = "limits.xml_depth", kind::whole(16, 10_000), "100",
            "XML elements inside one another.",
            "XML要素の入れ子の深さ。";
        xml_attributes: usize = "limits.xml_attributes", kind::whole(16, 10_000), "256",
            "Attributes of one XML element.",
            "XML要素1つの属性数。";
        xml_name_bytes: usize = "limits.xml_name_bytes", kind::whole(64, 65_536), "1024",
            "Bytes of one XML name.",
            "XML名1つのバイト数。";
        query_results: usize = "limits.query_results", kind::whole(1, 10_000_000), "10000",
            "Objects in the answer to one LeafClass query.",
            "LeafClass検索1回の応答のオブジェクト数。";
        query_references: usize = "limits.query_references", kind::whole(1, 10_000_000), "100000",
            "References in the answer to one ObjectRef query; also the entries that a query by author may look at.",
            "ObjectRef検索1回の応答の参照数。著者による検索が調べる登録数の上限でもある。";
        query_values: usize = "limits.query_values", kind::whole(1, 10_000), "1000",
            "Values of all parameters of one query.",
            "検索1回の全パラメータの値の数。";
        removals: usize = "limits.removals", kind::whole(1, 1_000_000), "10000",
            "Objects (ITI-62) or documents (ITI-86) that one request may remove.",
            "1回の要求で削除できるオブジェクト(ITI-62)または文書(ITI-86)の数。";
        mllp_frame_bytes: usize = "limits.mllp_frame_bytes", kind::whole(1_024, 1_073_741_824), "10485760",
            "Bytes of one HL7 v2 message.",
            "HL7 v2 メッセージ1件のバイト数。";
        write_queue: usize = "limits.write_queue", kind::whole(1, 1_000_000), "1024",
            "Writes that wait for one database before further ones are refused as busy.",
            "1データベースの書き込み待ち件数。超えると混雑として拒否。";
        remembered_answers: u32 = "limits.remembered_answers", kind::whole(1, 100_000_000), "1000000",
            "Messages of the last day whose answer is given again to a repeat; beyond it the oldest are forgotten.",
            "直近1日に処理し、再送に同じ応答を返すメッセージの件数。超えると古いものから忘れる。";
        connections: usize = "limits.connections", kind::whole(1, 1_000_000), "1024",
            "Connections open at the same time, each for HTTPS and MLLP.",
            "同時接続数(HTTPS、MLLPそれぞれ)。";
        workers: usize = "limits.workers", kind::whole(0, 512), "0",
            "Threads that serve HTTPS; 0 takes the number of processors.",
            "HTTPSを処理するスレッド数。0はプロセッサ数。";
        handshake_seconds: u64 = "limits.handshake_seconds", kind::whole(1, 600), "10",
            "Seconds for a TLS handshake, and for the head of a request.",
            "TLSハンドシェイク、およびリクエストヘッダー受信の秒数。";
        request_seconds: u64 = "limits.request_seconds", kind::whole(1, 86_400), "300",
            "Seconds from the last byte of a request to the beginning of its answer. A transfer may take as long as it keeps moving.",
            "リクエストの最終バイトから応答開始までの秒数。転送自体は、続いている限り制限しない。";
        idle_seconds: u64 = "limits.idle_seconds", kind::whole(1, 86_400), "60",
            "Seconds without a byte, in a request or between two, after which a connection is closed.",
            "リクエストの途中または間で、無通信の接続を閉じるまでの秒数。";
    }
    /// Whether the clock is right (ITI-1).
    time: Time {
        servers: Vec<TimeServer> = "time.servers", kind::time_servers(), "",
            "Time servers (NTP) by which the clock of this machine is checked, best three or more, of which most have to agree: HOST or HOST:PORT. It is not set by them. Empty: not checked.",
            "この機械の時計を確認する時刻サーバー(NTP)。3台以上を推奨し、過半数の一致で判定する。HOST または HOST:PORT。時計の設定は変更しない。空の場合は確認しない。";
        poll_seconds: u64 = "time.poll_seconds", kind::whole(1, 131_072), "64",
            "Seconds between two questions to a time server; one on another machine is asked every 15 seconds at most.",
            "時刻サーバーへの問い合わせ間隔(秒)。他の機械のサーバーへは15秒未満では問い合わせない。";
        limit_ms: i64 = "time.limit_ms", kind::whole(10, 86_400_000), "1000",
            "Milliseconds by which the clock may be off before there is an alarm.",
            "時計のずれの許容値(ミリ秒)。超えると警報を出す。";
        stop_submissions: bool = "time.stop_submissions", kind::yes_or_no(), "false",
            "Whether submissions (ITI-41, ITI-42, ITI-61) are refused while the clock is off by more than time.limit_ms.",
            "時計のずれが time.limit_ms を超えている間、登録(ITI-41、ITI-42、ITI-61)を拒否するか。";
    }
    /// The members of the community.
    members: MembersSettings {
        review_months: u32 = "members.review_months", kind::whole(1, 120), "12",
            "Months after which a member is to be reviewed again (renkei member review); told from thirty days before, by renkei member list, at every start and every day in the log.",
            "会員の棚卸(renkei member review)の間隔(月)。30日前から renkei member list、起動時、毎日のログで知らせる。";
    }
    /// How long things are kept.
    retention: Retention {
        audit_days: u32 = "retention.audit_days", kind::whole(0, 36_500), "0",
            "Days for which audit records are kept; 0 keeps them for ever.",
            "監査記録の保存日数。0は無期限。";
    }
    /// Logs, on stderr.
    log: Log {
        format: LogFormat = "log.format", kind::word(LogFormat::NAMES), "text",
            "text or json.",
            "text または json。";
        filter: String = "log.filter", kind::log_filter(), "info,actix_server=warn",
            "How much is logged: error, warn, info, debug, trace.",
            "ログの詳細度: error、warn、info、debug、trace。";
    }
}
