//! What can stand in the way of an exchange: limits, time, roles, replies; and answers that are none.

super::fault_table! {
    OVER_LIMIT = "fault-over-limit", Sender, "SOAP 1.2 Part 1: 5.4.6" {
        en: "The message exceeds the limit {name} = {max}.", "Send a smaller message.";
        ja: "メッセージが制限 {name} = {max} を超えています。", "小さく分けて送信してください。"
    }
    STALLED = "fault-stalled", Sender, "SOAP 1.2 Part 1: 5.4.6" {
        en: "Nothing of the message arrived for limits.idle_seconds = {seconds} seconds. Nothing was changed.", "Send it again.";
        ja: "limits.idle_seconds = {seconds} 秒の間、メッセージが届きませんでした。何も変更されていません。", "再送してください。"
    }
    CUT_OFF = "fault-cut-off", Sender, "SOAP 1.2 Part 1: 5.4.6" {
        en: "The message ended before it was complete.", "Send it again.";
        ja: "メッセージが途中で終わりました。", "再送してください。"
    }
    QUERY_MALFORMED = "fault-query-malformed", Sender, "ITI TF-2: 3.18.4.1.2" {
        en: "An AdhocQueryRequest does not hold one ResponseOption and one AdhocQuery alone.", "Send these two and nothing else.";
        ja: "AdhocQueryRequest の内容が ResponseOption と AdhocQuery 一つずつになっていません。", "この二つだけを入れてください。"
    }
    NOT_AUTHORIZED = "fault-not-authorized", Sender / NotAuthorized, "WSS 1.1.1: 12" {
        en: "The system that called is not authorised for this transaction.", "Ask the operator for a certificate with the role that it takes.";
        ja: "呼び出し元のシステムには、このトランザクションの権限がありません。", "必要なロールの証明書の発行を運用者に依頼してください。"
    }
    NOT_SPOKEN_FOR = "fault-not-spoken-for", Sender / NotAuthorized, "WSS 1.1.1: 12" {
        en: "The message is sent on behalf of a node for which the system that called may not speak here.", "Its operator asks for the repository's certificate to be issued with --speaks-for (renkei pki issue) and for the node to be entered with its role at the registry, or sets registry.names_nodes=false at the repository where the registry is another house's.";
        ja: "ノードに代わって送られたメッセージですが、呼び出し元のシステムは、ここではそのノードに代わることができません。", "リポジトリの証明書を --speaks-for を付けて発行し(renkei pki issue)、そのノードをレジストリ側にも役割とともに登録するよう依頼してください。レジストリが他の拠点のものであれば、リポジトリで registry.names_nodes=false を設定してください。"
    }
    OVERDUE = "fault-overdue", Receiver, "SOAP 1.2 Part 1: 5.4.6" {
        en: "The answer was not ready within limits.request_seconds = {seconds} seconds. Nothing was changed.", "Ask again later, or for less.";
        ja: "limits.request_seconds = {seconds} 秒以内に応答を用意できませんでした。何も変更されていません。", "時間をおいて、または条件を絞って再度要求してください。"
    }
    OUTCOME_OPEN = "fault-outcome-open", Receiver, "SOAP 1.2 Part 1: 5.4.6" {
        en: "The request takes longer than limits.request_seconds = {seconds} seconds and goes on; its outcome is open.", "Before sending it again, ask the registry for the SubmissionSet{set} with the stored query GetSubmissionSetAndContents (ITI-18, $XDSSubmissionSetUniqueId).";
        ja: "処理は limits.request_seconds = {seconds} 秒を超えて続いており、結果は未確定です。", "再送する前に、ストアドクエリ GetSubmissionSetAndContents(ITI-18、$XDSSubmissionSetUniqueId)で{set_ja}SubmissionSet をレジストリに照会してください。"
    }
    ENDPOINT_UNAVAILABLE = "fault-endpoint-unavailable", Receiver / EndpointUnavailable, "WS-Addressing 1.0 SOAP Binding: 6.4.3" {
        en: "The service is not available at present.", "Try again later.";
        ja: "現在サービスを利用できません。", "時間をおいて再送してください。"
    }
    CLOCK_WRONG = "fault-clock-wrong", Receiver / EndpointUnavailable, "ITI TF-2: 3.1" {
        en: "The clock of the receiving system is off by {seconds} seconds, more than time.limit_ms = {limit} allows; until it is right, nothing is submitted.", "Send it again later; its operator has to set the clock.";
        ja: "受信側システムの時計が {seconds} 秒ずれており、time.limit_ms = {limit} を超えるため、正しくなるまで登録を受け付けません。", "運用者が時計を合わせた後に再送してください。"
    }
    REPLY_REFUSED = "fault-reply-refused", Receiver / EndpointUnavailable, "ITI TF-2: V.3" {
        en: "The reply cannot be kept until it is delivered ({limit}).", "Ask again later, or wait for the answer on the connection (anonymous).";
        ja: "返信を配送まで保管できません({limit})。", "時間をおいて再送するか、anonymous を指定して同じ接続で応答を受け取ってください。"
    }
    INTERNAL = "fault-internal", Receiver, "SOAP 1.2 Part 1: 5.4.6" {
        en: "The message could not be processed.", "Tell the operator the reference {reference}.";
        ja: "処理できませんでした。", "参照番号 {reference} を運用者にお知らせください。"
    }
    REPLY_NOT_READ = "fault-reply-not-read", Sender, "ITI TF-2: V.3" {
        en: "The reply was not taken, since it cannot be read: {why}.", "Correct it and send it again.";
        ja: "読めない応答のため、受け取りませんでした({why})。", "訂正して再送してください。"
    }
    ANSWER_ELEMENT = "fault-answer-element", Sender, "ITI TF-2: V.3" {
        en: "The answer does not hold the element {name}.", "Tell the operator of the other system.";
        ja: "応答の本文に要素 {name} がありません。", "相手システムの管理者に連絡してください。"
    }
    ANSWER_STATUS = "fault-answer-status", Sender, "ITI TF-3: 4.2.4" {
        en: "The answer has no status of ITI TF-3: 4.2.4.", "Tell the operator of the other system.";
        ja: "応答に ITI TF-3: 4.2.4 の status がありません。", "相手システムの管理者に連絡してください。"
    }
    ANSWER_DOCUMENT = "fault-answer-document", Sender, "ITI TF-2: 3.43.5" {
        en: "A DocumentResponse cannot be read: {why}.", "Tell the operator of the other system.";
        ja: "DocumentResponse を読めません: {why_ja}。", "相手システムの管理者に連絡してください。"
    }
}
