package renkei.ipf;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.xml.datatype.DatatypeFactory;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.PixPdqV3CamelValidators;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.iti55.TtlHeaderUtils;

/** Whom a community on the libraries of IPF knows: its Responding Gateway of ITI-55, which the house's asks. */
final class Directory {
    private static final String QUERY = "/v3:PRPA_IN201305UV02/v3:controlActProcess/v3:queryByParameter";

    /**
     * What is said of somebody (ITI TF-2: 3.55.4.2.2).
     *
     * @param keeps how long it may be kept, as xs:duration; null when that is not said
     */
    private record Answer(String ack, String status, String response, String content, String keeps) {}

    private static final Answer NOBODY = new Answer("AA", "deliveredResponse", "NF", "", null);

    private final String community;
    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    private final List<V3> asked = new CopyOnWriteArrayList<>();

    /** @param home the homeCommunityId of the community */
    Directory(String home) {
        community = home.replace("urn:oid:", "");
    }

    /** The house's patient `ours` is one of these here. */
    void knows(Identifiable ours, String keeps, Somebody... candidates) {
        StringBuilder events = new StringBuilder();
        for (Somebody candidate : candidates) {
            events.append(event(candidate));
        }
        says(ours, new Answer("AA", "deliveredResponse", "OK", events.toString(), keeps));
    }

    /** Nobody can be told from others without this attribute of the house's patient `ours`. */
    void requests(Identifiable ours, String attribute) {
        says(ours, new Answer("AA", "deliveredResponse", "OK", issue("""
                <triggerFor typeCode="TRIG"><actOrderRequired classCode="ACT" moodCode="RQO">
                <code code="%s" codeSystem="1.3.6.1.4.1.19376.1.2.27.1"/></actOrderRequired></triggerFor>
                """.formatted(attribute)), null));
    }

    /** There is no answer about the house's patient `ours`, for this reason. */
    void fails(Identifiable ours, String reason) {
        says(ours, new Answer("AE", "aborted", "AE", issue("""
                <mitigatedBy typeCode="MITGT"><detectedIssueManagement classCode="ACT" moodCode="EVN">
                <code code="%s" codeSystem="1.3.6.1.4.1.19376.1.2.27.3"/></detectedIssueManagement>
                </mitigatedBy>""".formatted(reason)), null));
    }

    /** Answers about one patient go out in their order, the last one again and again. */
    private void says(Identifiable ours, Answer answer) {
        answers.computeIfAbsent(ours.getId(), id -> new ArrayDeque<>()).add(answer);
    }

    /** The questions about the house's patient `ours`. */
    List<V3> asked(Identifiable ours) throws Exception {
        List<V3> about = new CopyOnWriteArrayList<>();
        for (V3 question : asked) {
            if (ids(question).contains(ours.getId())) {
                about.add(question);
            }
        }
        return about;
    }

    private static List<String> ids(V3 question) throws Exception {
        return question.texts(QUERY + "/v3:parameterList/v3:livingSubjectId/v3:value/@extension");
    }

    RouteBuilder routes(String name) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("xcpd-iti55:" + name)
                        .process(PixPdqV3CamelValidators.iti55RequestValidator())
                        .process(Directory.this::answer)
                        .process(PixPdqV3CamelValidators.iti55ResponseValidator());
            }
        };
    }

    private void answer(Exchange exchange) throws Exception {
        V3 question = new V3(exchange.getIn().getBody(String.class));
        asked.add(question);
        Answer answer = NOBODY;
        for (String id : ids(question)) {
            Deque<Answer> known = answers.get(id);
            if (known != null) {
                answer = known.size() > 1 ? known.poll() : known.peek();
            }
        }
        exchange.getMessage().setBody(message(question, answer));
        if (answer.keeps() != null) {
            var keeps = DatatypeFactory.newInstance().newDuration(answer.keeps());
            TtlHeaderUtils.setTtl(keeps, exchange.getMessage());
        }
    }

    private String message(V3 question, Answer answer) throws Exception {
        return """
                <PRPA_IN201306UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"
                    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
                <id root="%1$s"/><creationTime value="20261201090001"/>
                <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201306UV02"/>
                <processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>
                <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
                <id root="%2$s"/></device></receiver>
                <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">
                <id root="%3$s"/></device></sender>
                <acknowledgement><typeCode code="%4$s"/><targetMessage>%5$s</targetMessage></acknowledgement>
                <controlActProcess classCode="CACT" moodCode="EVN">
                <code code="PRPA_TE201306UV02" codeSystem="2.16.840.1.113883.1.6"/>
                %6$s
                <queryAck>%7$s<statusCode code="%8$s"/><queryResponseCode code="%9$s"/></queryAck>
                %10$s</controlActProcess></PRPA_IN201306UV02>
                """.formatted(UUID.randomUUID(), question.text("/*/v3:sender/v3:device/v3:id/@root"), community,
                answer.ack(), question.element("/*/v3:id"), answer.content(),
                question.element(QUERY + "/v3:queryId"), answer.status(), answer.response(),
                question.element(QUERY));
    }

    private String event(Somebody whom) {
        return """
                <subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">
                <id nullFlavor="NA"/><statusCode code="active"/>
                <subject1 typeCode="SBJ"><patient classCode="PAT">
                <id root="%1$s" extension="%2$s"/><statusCode code="active"/>
                <patientPerson classCode="PSN" determinerCode="INSTANCE">
                <name use="SYL"><family>ケンシン</family><given>%3$s</given></name>
                <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
                <birthTime value="%4$s"/></patientPerson>
                <subjectOf1><queryMatchObservation classCode="COND" moodCode="EVN">
                <code code="IHE_PDQ"/><value xsi:type="INT" value="95"/></queryMatchObservation></subjectOf1>
                </patient></subject1>
                <custodian typeCode="CST"><assignedEntity classCode="ASSIGNED"><id root="%5$s"/>
                <code code="NotHealthDataLocator" codeSystem="1.3.6.1.4.1.19376.1.2.27.2"/></assignedEntity>
                </custodian></registrationEvent></subject>
                """.formatted(whom.id().getAssigningAuthority().getUniversalId(), whom.id().getId(),
                whom.kana(), whom.birth(), community);
    }

    private static String issue(String inside) {
        return """
                <reasonOf typeCode="RSON"><detectedIssueEvent classCode="ALRT" moodCode="EVN">
                <code code="_ActAdministrativeDetectedIssueManagementCode" codeSystem="2.16.840.1.113883.5.4"/>
                %s</detectedIssueEvent></reasonOf>""".formatted(inside);
    }
}
