package renkei.ipf;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.UUID;

/** A query over HL7 v3 of who somebody is (ITI-47), or by which identifiers known elsewhere (ITI-45). */
final class IdentifierQuestion {
    private final String interaction;
    private final String parameters;
    private final String quantity;
    private final String id = UUID.randomUUID().toString();

    private IdentifierQuestion(String interaction, String quantity, String parameters) {
        this.interaction = interaction;
        this.quantity = quantity;
        this.parameters = parameters;
    }

    /** ITI-45 by an identifier, for those in some domains. */
    static IdentifierQuestion references(String root, String extension, List<String> domains) {
        String sources = domains.stream().map(domain -> parameter("dataSource", "DataSource.id",
                "<value root=\"%s\"/>".formatted(domain))).collect(joining());
        return new IdentifierQuestion("PRPA_IN201309UV02", "", sources
                + parameter("patientIdentifier", "Patient.id",
                        "<value root=\"%s\" extension=\"%s\"/>".formatted(root, extension)));
    }

    /** ITI-47 by a name in kana, at most so many at once. */
    static IdentifierQuestion named(String family, String given, int most) {
        String quantity = "<initialQuantity value=\"%d\"/><initialQuantityCode code=\"RD\"/>".formatted(most);
        return new IdentifierQuestion("PRPA_IN201305UV02", quantity,
                parameter("livingSubjectName", "LivingSubject.name",
                        "<value use=\"SYL\"><family>%s</family><given>%s</given></value>"
                                .formatted(family, given)));
    }

    private static String parameter(String name, String semantics, String value) {
        return "<%1$s>%2$s<semanticsText>%3$s</semanticsText></%1$s>".formatted(name, value, semantics);
    }

    /** The id of the message, and of its query. */
    String id() {
        return id;
    }

    private static String party(String element, String code, String oid) {
        return """
                <%1$s typeCode="%2$s"><device classCode="DEV" determinerCode="INSTANCE"><id root="%3$s"/>
                </device></%1$s>
                """.formatted(element, code, oid);
    }

    private static String wrapper(String root, String interaction, String id) {
        return """
                <%1$s xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
                <id root="%3$s"/><creationTime value="20261201090000"/>
                <interactionId root="2.16.840.1.113883.1.6" extension="%2$s"/>
                <processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
                """.formatted(root, interaction, id)
                + party("receiver", "RCV", "1.2.392.200119.9.50")
                + party("sender", "SND", "1.2.392.200119.9.52");
    }

    /** The next persons of this query, behind the answer with this id. */
    String more(String answer, int start, int quantity) {
        return continuation("QUQI_IN000003UV01", answer, """
                <startResultNumber value="%d"/><continuationQuantity value="%d"/>
                <statusCode code="waitContinuedQueryResponse"/>""".formatted(start, quantity));
    }

    /** No more of them. */
    String noMore(String answer) {
        return continuation("QUQI_IN000003UV01_Cancel", answer,
                "<continuationQuantity value=\"0\"/><statusCode code=\"aborted\"/>");
    }

    private String continuation(String root, String answer, String wish) {
        return wrapper(root, "QUQI_IN000003UV01", UUID.randomUUID().toString()) + """
                <acknowledgement><typeCode code="AA"/><targetMessage><id root="%1$s"/></targetMessage>
                </acknowledgement><controlActProcess classCode="CACT" moodCode="EVN">
                <code code="PRPA_TE000003UV01" codeSystem="2.16.840.1.113883.1.6"/>
                <queryContinuation><queryId root="%2$s"/>%3$s
                </queryContinuation></controlActProcess></%4$s>
                """.formatted(answer, id, wish, root);
    }

    String xml() {
        boolean isOfPersons = !quantity.isEmpty();
        return wrapper(interaction, interaction, id) + """
                <controlActProcess classCode="CACT" moodCode="EVN">
                <code code="%1$s" codeSystem="2.16.840.1.113883.1.6"/>
                <authorOrPerformer typeCode="AUT"><assignedPerson classCode="ASSIGNED">
                <id root="1.2.392.200119.9.53" extension="op01"/></assignedPerson></authorOrPerformer>
                <queryByParameter><queryId root="%2$s"/><statusCode code="new"/>%3$s
                <responsePriorityCode code="I"/>%4$s
                <parameterList>%5$s</parameterList></queryByParameter></controlActProcess></%6$s>
                """.formatted(interaction.replace("_IN", "_TE"), id,
                isOfPersons ? "<responseModalityCode code=\"R\"/>" : "", quantity, parameters, interaction);
    }
}
