//! What can be wrong with an envelope: its XML, its parts, its addressing.

super::fault_table! {
    XML_MARKUP = "fault-xml-markup", Sender, "XML 1.0: 2.1" {
        en: "The envelope cannot be read, line {line}, column {column}: markup that begins here does not end, or is none of XML.", "Send well-formed XML.";
        ja: "エンベロープを読めません({line} 行 {column} 列): ここで始まるタグ・コメントなどが閉じていないか、XML のものではありません。", "整形式の XML を送信してください。"
    }
    XML_TAGS = "fault-xml-tags", Sender, "XML 1.0: 3" {
        en: "The envelope cannot be read, line {line}, column {column}: an end tag does not belong to the element that is open.", "Send well-formed XML.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 終了タグが開いている要素と一致しません。", "整形式の XML を送信してください。"
    }
    XML_ATTRIBUTE = "fault-xml-attribute", Sender, "XML 1.0: 3.1" {
        en: "The envelope cannot be read, line {line}, column {column}: an attribute of this element is not like name=\"value\".", "Send well-formed XML.";
        ja: "エンベロープを読めません({line} 行 {column} 列): この要素に、名前=\"値\" の形式でない属性があります。", "整形式の XML を送信してください。"
    }
    XML_ATTRIBUTE_TWICE = "fault-xml-attribute-twice", Sender, "XML 1.0: 3.1; Namespaces in XML 1.0: 6.3" {
        en: "The envelope cannot be read, line {line}, column {column}: an attribute of this element occurs twice.", "Give each attribute once.";
        ja: "エンベロープを読めません({line} 行 {column} 列): この要素に同じ属性が2回あります。", "属性は1回だけ指定してください。"
    }
    XML_REFERENCE = "fault-xml-reference", Sender, "XML 1.0: 4.1" {
        en: "The envelope cannot be read, line {line}, column {column}: a reference that begins with & is not one of XML.", "Write & itself as &amp;.";
        ja: "エンベロープを読めません({line} 行 {column} 列): & で始まる参照の形式が正しくありません。", "& そのものは &amp; と書いてください。"
    }
    XML_NAME = "fault-xml-name", Sender, "Namespaces in XML 1.0: 4" {
        en: "The envelope cannot be read, line {line}, column {column}: the name of an element or attribute is none of XML.", "Begin names with a letter or _, with one : at most behind a prefix, and leave out signs such as /.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 要素または属性の名前がXMLの名前ではありません。", "名前は文字または _ で始め、: は接頭辞の後の1つだけとし、/ などの記号は使わないでください。"
    }
    XML_NAMESPACE = "fault-xml-namespace", Sender, "Namespaces in XML 1.0: 3" {
        en: "The envelope cannot be read, line {line}, column {column}: a namespace declaration is not allowed.", "Leave the prefixes xml and xmlns and their namespaces as they are.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 使えない名前空間宣言があります。", "接頭辞 xml・xmlns とその名前空間は変更しないでください。"
    }
    XML_DOCTYPE = "fault-xml-doctype", Sender, "SOAP 1.2 Part 1: 5" {
        en: "The envelope cannot be read, line {line}, column {column}: a DOCTYPE is not accepted.", "Leave it out.";
        ja: "エンベロープを読めません({line} 行 {column} 列): DOCTYPE は受け付けません。", "取り除いてください。"
    }
    XML_ENTITY = "fault-xml-entity", Sender, "XML 1.0: 4.1" {
        en: "The envelope cannot be read, line {line}, column {column}: the entity {name} is not defined.", "Write the character itself.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 実体 {name} は定義されていません。", "文字そのものを書いてください。"
    }
    XML_PREFIX = "fault-xml-prefix", Sender, "Namespaces in XML 1.0: 5" {
        en: "The envelope cannot be read, line {line}, column {column}: the namespace prefix {name} is not declared.", "Declare it.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 名前空間接頭辞 {name} が宣言されていません。", "宣言してください。"
    }
    XML_CHARACTER = "fault-xml-character", Sender, "XML 1.0: 2.2" {
        en: "The envelope cannot be read, line {line}, column {column}: the character U+{name} is not allowed in XML.", "Leave it out.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 文字 U+{name} は XML では使えません。", "取り除いてください。"
    }
    XML_OUTSIDE_ROOT = "fault-xml-outside-root", Sender, "XML 1.0: 2.1" {
        en: "The envelope cannot be read, line {line}, column {column}: there is content outside the root element.", "Send one Envelope and nothing beside it.";
        ja: "エンベロープを読めません({line} 行 {column} 列): ルート要素の外に内容があります。", "Envelope を1つだけ送信してください。"
    }
    XML_TRUNCATED = "fault-xml-truncated", Sender, "XML 1.0: 2.1" {
        en: "The envelope cannot be read, line {line}, column {column}: the document ends too early.", "Send it whole.";
        ja: "エンベロープを読めません({line} 行 {column} 列): XML が途中で終わっています。", "全体を送信してください。"
    }
    XML_ELEMENT = "fault-xml-element", Sender, "XML 1.0: 3" {
        en: "The envelope cannot be read, line {line}, column {column}: there is an element {name} where only text may stand.", "Send text there.";
        ja: "エンベロープを読めません({line} 行 {column} 列): テキストのみの要素の中に要素 {name} があります。", "テキストだけを入れてください。"
    }
    XML_COMMENT = "fault-xml-comment", Sender, "SOAP 1.2 Part 1: 5" {
        en: "The envelope cannot be read, line {line}, column {column}: there is a comment or processing instruction inside a value.", "Leave it out.";
        ja: "エンベロープを読めません({line} 行 {column} 列): 値の途中にコメントまたは処理命令があります。", "取り除いてください。"
    }
    NOT_AN_ENVELOPE = "fault-not-an-envelope", Sender, "SOAP 1.2 Part 1: 5.1" {
        en: "The message is not a SOAP envelope.", "Its root element has to be Envelope.";
        ja: "SOAP エンベロープではありません。", "ルート要素は Envelope としてください。"
    }
    VERSION_MISMATCH = "fault-version-mismatch", VersionMismatch, "SOAP 1.2 Part 1: 5.4.7" {
        en: "Only SOAP 1.2 is accepted.", "The envelope has to be in {namespace}.";
        ja: "SOAP 1.2 のみ受け付けます。", "Envelope の名前空間は {namespace} としてください。"
    }
    ENVELOPE_TEXT = "fault-envelope-text", Sender, "SOAP 1.2 Part 1: 5.1" {
        en: "There is text directly in the Envelope, Header or Body.", "Only elements may stand there.";
        ja: "Envelope、Header、Body の直下にテキストがあります。", "要素のみを置いてください。"
    }
    ENVELOPE_CHILDREN = "fault-envelope-children", Sender, "SOAP 1.2 Part 1: 5.1" {
        en: "The envelope does not hold one Header and, after it, one Body of SOAP 1.2 alone.", "Send these two and nothing else.";
        ja: "エンベロープの内容が SOAP 1.2 の Header 1つと、それに続く Body 1つになっていません。", "この2つだけを置いてください。"
    }
    BODY_CHILDREN = "fault-body-children", Sender, "ITI TF-2: V.3" {
        en: "The Body does not hold exactly one element.", "Send one request in a message.";
        ja: "Body の要素がちょうど1つではありません。", "1つのメッセージでは要求を1つだけ送信してください。"
    }
    HEADER_BLOCKS = "fault-header-blocks", Sender, "SOAP 1.2 Part 1: 5.2" {
        en: "The Header holds more than {max} blocks, a fixed bound.", "Send fewer.";
        ja: "Header のブロックが固定の上限 {max} 個を超えています。", "減らしてください。"
    }
    NOT_UNDERSTOOD = "fault-not-understood", MustUnderstand, "SOAP 1.2 Part 1: 5.4.8" {
        en: "Header blocks with mustUnderstand are not understood: {names}.", "Send them without mustUnderstand, or not at all.";
        ja: "mustUnderstand が指定されたヘッダーを解釈できません: {names}。", "mustUnderstand を外すか、ヘッダーを取り除いてください。"
    }
    ADDRESSING_REQUIRED = "fault-addressing-required", Sender / MessageAddressingHeaderRequired, "ITI TF-2: V.3" {
        en: "The header wsa:{header} ({namespace}) is missing.", "Send it.";
        ja: "ヘッダー wsa:{header}({namespace})がありません。", "指定してください。"
    }
    ADDRESSING_OLD = "fault-addressing-old", Sender / InvalidAddressingHeader, "ITI TF-2: V.3" {
        en: "The header wsa:{header} is in the namespace of an older WS-Addressing.", "Use {namespace}.";
        ja: "ヘッダー wsa:{header} の名前空間が旧版の WS-Addressing です。", "{namespace} としてください。"
    }
    ADDRESSING_TWICE = "fault-addressing-twice", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 3.2" {
        en: "The header wsa:{header} occurs more than once.", "Send it once.";
        ja: "ヘッダー wsa:{header} が複数あります。", "1つだけ指定してください。"
    }
    ADDRESSING_ACTION = "fault-addressing-action", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 3.1" {
        en: "The header wsa:{header} is empty or contains white space.", "Send the bare URI of the action.";
        ja: "ヘッダー wsa:{header} が空か、空白を含んでいます。", "アクションの URI のみを送信してください。"
    }
    ADDRESSING_ID = "fault-addressing-id", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 3.1" {
        en: "The header wsa:{header} is not a URI.", "Send one such as urn:uuid: and a UUID.";
        ja: "ヘッダー wsa:{header} が URI ではありません。", "urn:uuid: で始まる UUID などを指定してください。"
    }
    ADDRESSING_NO_ADDRESS = "fault-addressing-no-address", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 2.2" {
        en: "The header wsa:{header} has no wsa:Address.", "Put one into it.";
        ja: "ヘッダー wsa:{header} に wsa:Address がありません。", "指定してください。"
    }
    ADDRESSING_PARAMETERS = "fault-addressing-parameters", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 3.4" {
        en: "The header wsa:{header} has wsa:ReferenceParameters, which are not sent back here.", "Put them into the address.";
        ja: "ヘッダー wsa:{header} に wsa:ReferenceParameters がありますが、返信には含められません。", "アドレスに含めてください。"
    }
    ADDRESSING_ADDRESS = "fault-addressing-address", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 2.1" {
        en: "The header wsa:{header} does not hold an http or https address.", "Send the URL of the endpoint.";
        ja: "ヘッダー wsa:{header} に http または https のアドレスがありません。", "宛先の URL を指定してください。"
    }
    ADDRESSING_ELEMENT = "fault-addressing-element", Sender / InvalidAddressingHeader, "WS-Addressing 1.0 Core: 3.1" {
        en: "The header wsa:{header} contains an element where only text may stand.", "Send text there.";
        ja: "ヘッダー wsa:{header} のテキストの位置に要素があります。", "テキストだけを入れてください。"
    }
    ACTION_NOT_SUPPORTED = "fault-action-not-supported", Sender / ActionNotSupported, "WS-Addressing 1.0 SOAP Binding: 6.4.2" {
        en: "The action {action} is not offered at this address, or does not fit the body.", "Look at the WSDL (?wsdl) for what is offered.";
        ja: "アクション {action} はこの宛先では提供していないか、本文と一致しません。", "提供しているものは WSDL(?wsdl)で確認してください。"
    }
    DUPLICATE_MESSAGE_ID = "fault-duplicate-message-id", Sender / DuplicateMessageId, "WS-Addressing 1.0 SOAP Binding: 6.4.1.4" {
        en: "Another message came before under this wsa:MessageID.", "A repeat has to be the same message; give a new one a MessageID of its own.";
        ja: "この wsa:MessageID で別のメッセージを受信済みです。", "再送は同じ内容で行い、新しいメッセージには新しい MessageID を付けてください。"
    }
    ONLY_ANONYMOUS = "fault-only-anonymous-reply-to", Sender / OnlyAnonymousAddressSupported, "WS-Addressing 1.0 SOAP Binding: 6.4.1.7" {
        en: "A reply from here goes back on the connection alone.", "Leave wsa:ReplyTo out, or put the anonymous address into it.";
        ja: "ここでは同じ接続でのみ応答します。", "wsa:ReplyTo を省略するか、anonymous アドレスを指定してください。"
    }
    NOT_AWAITED = "fault-not-awaited", Sender / InvalidAddressingHeader, "ITI TF-2: V.5" {
        en: "No question that waits for an answer of yours is named by wsa:{header}.", "Do not send it again; it is too late, came before, or belongs to somebody else.";
        ja: "wsa:{header} が示す、貴コミュニティの応答を待つ照会はありません。", "再送しないでください(期限切れ、受信済み、または別の宛先への応答です)。"
    }
    REPLY_TO_NOT_LISTED = "fault-reply-to-not-listed", Sender / OnlyAnonymousAddressSupported, "WS-Addressing 1.0 SOAP Binding: 6.4.1.7" {
        en: "The address in wsa:{header} is not among those to which replies are sent here.", "Ask the operator to list it in async.allowed_reply_to, or wait for the answer on the connection (anonymous).";
        ja: "wsa:{header} のアドレスは返信先として登録されていません。", "運用者に async.allowed_reply_to への登録を依頼するか、anonymous を指定して同じ接続で応答を受け取ってください。"
    }
}
