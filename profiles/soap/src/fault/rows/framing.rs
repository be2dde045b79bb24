//! What can be wrong around an envelope: HTTP, MIME, encodings, XOP.

super::fault_table! {
    HEADER_NOT_FOLLOWED = "fault-header-not-followed", Sender, "RFC 9110: 15.5.16" {
        en: "The HTTP header {name}: {value} is not followed here.", "Instead, {fix}.";
        ja: "HTTP ヘッダー {name}: {value} には対応していません。", "{fix_ja}。"
    }
    CONTENT_TYPE_TWICE = "fault-content-type-twice", Sender, "RFC 9110: 8.3" {
        en: "The request has several headers Content-Type.", "Send one.";
        ja: "Content-Type ヘッダーが複数あります。", "1つだけ送信してください。"
    }
    CONTENT_TYPE_MALFORMED = "fault-content-type-malformed", Sender, "RFC 2045: 5.1" {
        en: "A Content-Type cannot be read.", "It has to be like type/subtype; name=\"value\".";
        ja: "Content-Type を読めません。", "type/subtype; name=\"value\" の形式としてください。"
    }
    CONTENT_TYPE_OTHER = "fault-content-type-other", Sender, "ITI TF-2: V.3" {
        en: "The Content-Type is none of SOAP 1.2.", "It has to be application/soap+xml (Simple SOAP) or multipart/related (MTOM/XOP).";
        ja: "Content-Type が SOAP 1.2 のものではありません。", "application/soap+xml(Simple SOAP)または multipart/related(MTOM/XOP)としてください。"
    }
    NOT_UTF8 = "fault-not-utf-8", Sender, "ITI TF-2: V.3; XML 1.0: 4.3.3" {
        en: "The envelope is not the UTF-8 that it has to be in.", "Send it in UTF-8.";
        ja: "エンベロープが UTF-8 として読めません。", "UTF-8 で送信してください。"
    }
    NOT_UTF16 = "fault-not-utf-16", Sender, "XML 1.0: 4.3.3" {
        en: "The envelope is not the UTF-16 that its mark or charset says it is in.", "Send it in UTF-8.";
        ja: "エンベロープが、バイト順マークまたは charset の示す UTF-16 として読めません。", "UTF-8 で送信してください。"
    }
    UTF16_MARK_MISSING = "fault-utf-16-mark-missing", Sender, "XML 1.0: 4.3.3" {
        en: "The envelope is in UTF-16 without the byte order mark that XML asks for.", "Send UTF-8, or the mark.";
        ja: "エンベロープが UTF-16 ですが、XML の求めるバイト順マークがありません。", "UTF-8 で、またはマークを付けて送信してください。"
    }
    ENCODING_OTHER = "fault-encoding-other", Sender, "RFC 7303: 3.2; XML 1.0: 4.3.3" {
        en: "The encoding {name} is not read.", "The envelope has to be in UTF-8 or UTF-16.";
        ja: "文字符号化 {name} は受け付けません。", "エンベロープは UTF-8 または UTF-16 としてください。"
    }
    BOUNDARY_MALFORMED = "fault-boundary-malformed", Sender, "RFC 2046: 5.1.1" {
        en: "The boundary parameter of multipart/related is missing or is not one of RFC 2046.", "Send one of 1 to 70 characters.";
        ja: "multipart/related の boundary がないか、RFC 2046 の形式ではありません。", "1~70文字で指定してください。"
    }
    BOUNDARY_CONTINUED = "fault-boundary-continued", Sender, "RFC 2046: 5.1.1" {
        en: "A line starts with the multipart boundary and goes on with other characters.", "Use a boundary that the content does not contain.";
        ja: "multipart の境界で始まり、他の文字が続く行があります。", "内容に含まれない境界を使用してください。"
    }
    LINE_ENDINGS = "fault-line-endings", Sender, "RFC 2046: 5.1.1" {
        en: "Some lines of the multipart message end in CRLF and some in LF alone, so that it is not certain where a part ends.", "End every line in CRLF.";
        ja: "multipart の行末に CRLF と LF だけのものが混在し、パートの終わりが確定しません。", "すべて CRLF としてください。"
    }
    MULTIPART_TRUNCATED = "fault-multipart-truncated", Sender, "RFC 2046: 5.1.1" {
        en: "The message ends before its closing multipart delimiter.", "Send it whole.";
        ja: "multipart の終端の境界より前でメッセージが終わっています。", "全体を送信してください。"
    }
    ROOT_TYPE = "fault-root-type", Sender, "XOP 1.0: 4.1; ITI TF-2: V.3.6" {
        en: "The type of the multipart message or of its root part is another than application/xop+xml.", "Send both as application/xop+xml.";
        ja: "multipart の type またはルートパートの Content-Type が application/xop+xml ではありません。", "どちらも application/xop+xml としてください。"
    }
    ROOT_MISSING = "fault-root-missing", Sender, "RFC 2387: 3.2" {
        en: "The message has no root part.", "The start parameter has to name one of the parts.";
        ja: "ルートパートがありません。", "start にはメッセージ内のパートの Content-ID を指定してください。"
    }
    CONTENT_ID_TWICE = "fault-content-id-twice", Sender, "RFC 2045: 7" {
        en: "Two parts have the same Content-ID.", "Give each part its own.";
        ja: "同じ Content-ID のパートがあります。", "パートごとに異なる値としてください。"
    }
    CONTENT_ID_MISSING = "fault-content-id-missing", Sender, "XOP 1.0: 4.1" {
        en: "A document part has no Content-ID, so that no xop:Include can name it.", "Give it one.";
        ja: "Content-ID のない文書パートがあり、xop:Include から参照できません。", "Content-ID を付けてください。"
    }
    CONTENT_ID_MALFORMED = "fault-content-id-malformed", Sender, "RFC 2045: 7" {
        en: "A Content-ID or start parameter cannot be read.", "It has to be like <id@domain>.";
        ja: "Content-ID または start を読めません。", "<id@domain> の形式としてください。"
    }
    PART_HEADER_MALFORMED = "fault-part-header-malformed", Sender, "RFC 2045: 3" {
        en: "The header of a part cannot be read.", "Each line has to be like Name: value, each name once.";
        ja: "パートのヘッダーを読めません。", "各行を「名前: 値」とし、同じ名前を繰り返さないでください。"
    }
    PART_ENCODED = "fault-part-encoded", Sender, "RFC 9110: 8.4" {
        en: "A part has the Content-Encoding {coding}.", "Send the octets of the document.";
        ja: "Content-Encoding が {coding} のパートがあります。", "文書の内容をそのまま送信してください。"
    }
    PART_OF_A_PART = "fault-part-of-a-part", Sender, "RFC 9110: 14.4" {
        en: "A part has a Content-Range.", "Send each document whole.";
        ja: "Content-Range を持つパートがあります。", "文書は全体を送信してください。"
    }
    PART_NESTED = "fault-part-nested", Sender, "RFC 2046: 5.1" {
        en: "A part is itself a multipart.", "Send the document as one part of another media type.";
        ja: "パートが multipart です。", "文書は他のメディアタイプの1つのパートとして送信してください。"
    }
    PART_ELSEWHERE = "fault-part-elsewhere", Sender, "RFC 2046: 5.2" {
        en: "A part says that its content is elsewhere or not whole.", "Send the document itself in one part.";
        ja: "内容が他の場所にあるか一部だけのパートがあります。", "文書そのものを1つのパートで送信してください。"
    }
    TRANSFER_ENCODING = "fault-transfer-encoding", Sender, "RFC 2045: 6" {
        en: "The Content-Transfer-Encoding of a part is not known.", "It has to be binary, 8bit, 7bit or base64.";
        ja: "パートの Content-Transfer-Encoding に対応していません。", "binary、8bit、7bit、base64 のいずれかとしてください。"
    }
    BASE64_MALFORMED = "fault-base64-malformed", Sender, "RFC 2045: 6.8" {
        en: "Content declared as base64 is not base64.", "Encode it, or send it as binary.";
        ja: "base64 と宣言された内容が base64 ではありません。", "base64 とするか、binary で送信してください。"
    }
    PART_UNREFERRED = "fault-part-unreferred", Sender, "XOP 1.0: 3.2" {
        en: "No xop:Include refers to the part with the Content-ID {id}.", "Refer to it as cid: and this id, or leave the part out.";
        ja: "Content-ID が {id} のパートを参照する xop:Include がありません。", "cid: とこの値で参照するか、パートを除いてください。"
    }
    INCLUDE_HREF = "fault-include-href", Sender, "XOP 1.0: 2.1; RFC 2392" {
        en: "The href of an xop:Include is not a cid: URL.", "Refer to a part of the message.";
        ja: "xop:Include の href が cid: URL ではありません。", "メッセージ内のパートを参照してください。"
    }
    INCLUDE_TWICE = "fault-include-twice", Sender, "XOP 1.0: 3.1" {
        en: "Two xop:Include elements refer to one part.", "Send one part for each document.";
        ja: "二つの xop:Include が同じパートを参照しています。", "文書ごとにパートを一つ送信してください。"
    }
    INCLUDE_NOT_ALONE = "fault-include-not-alone", Sender, "XOP 1.0: 3.2" {
        en: "A document holds something beside its base64 or its xop:Include.", "Send one of the two and nothing else.";
        ja: "文書要素に base64 または xop:Include 以外の内容があります。", "どちらか一つだけを入れてください。"
    }
    INLINE_MALFORMED = "fault-inline-document-malformed", Sender, "ITI TF-2: V.3.6" {
        en: "A document inside the envelope is not base64.", "Encode it, or send it as a part.";
        ja: "エンベロープ内の文書が base64 ではありません。", "base64 とするか、パートとして送信してください。"
    }
}
