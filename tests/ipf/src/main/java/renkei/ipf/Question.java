package renkei.ipf;

import java.util.UUID;

/** A query for somebody as the gateway of another community writes it (PRPA_IN201305UV02, ITI TF-2: 3.55.4.1). */
final class Question {
    /** The community that asks. */
    private static final String COMMUNITY = "1.2.392.200119.9.56";
    private final String home;
    private final String id = UUID.randomUUID().toString();
    private String priority = "I";
    private String respondTo = "";
    private String sex = "";
    private String birth = "";
    private String ids = "";
    private String names = "";
    private String addresses = "";

    /** @param house whose community is asked */
    Question(House house) {
        home = house.homeCommunityId().replace("urn:oid:", "");
    }

    /** By name in kana, day of birth and sex. */
    Question named(Somebody whom) {
        return name("SYL", "ケンシン", whom.kana()).born(whom.birth()).female();
    }

    Question female() {
        sex = parameter("livingSubjectAdministrativeGender", "LivingSubject.administrativeGender",
                "<value code=\"F\" codeSystem=\"2.16.840.1.113883.5.1\"/>");
        return this;
    }

    Question born(String day) {
        birth = parameter("livingSubjectBirthTime", "LivingSubject.birthTime",
                "<value value=\"%s\"/>".formatted(day));
        return this;
    }

    Question name(String use, String family, String given) {
        names += parameter("livingSubjectName", "LivingSubject.name",
                "<value use=\"%s\"><family>%s</family><given>%s</given></value>"
                        .formatted(use, family, given));
        return this;
    }

    Question identifier(String root, String extension) {
        ids += parameter("livingSubjectId", "LivingSubject.id",
                "<value root=\"%s\" extension=\"%s\"/>".formatted(root, extension));
        return this;
    }

    Question living(String street) {
        addresses = parameter("patientAddress", "Patient.addr",
                "<value><streetAddressLine>%s</streetAddressLine></value>".formatted(street));
        return this;
    }

    /** The answer is to come later, to this address (ITI TF-2: 3.55.6.2). */
    Question deferred(String to) {
        priority = "D";
        respondTo = """
                <respondTo typeCode="RSP"><telecom value="%s"/>
                <entityRsp classCode="ENT" determinerCode="INSTANCE" xsi:nil="true"/></respondTo>
                """.formatted(to);
        return this;
    }

    /** The id of the message, and of its query. */
    String id() {
        return id;
    }

    private static String parameter(String name, String semantics, String value) {
        return "<%1$s>%2$s<semanticsText>%3$s</semanticsText></%1$s>".formatted(name, value, semantics);
    }

    private static String party(String element, String code, String oid) {
        return """
                <%1$s typeCode="%2$s"><device classCode="DEV" determinerCode="INSTANCE"><id root="%3$s"/>
                <asAgent classCode="AGNT"><representedOrganization classCode="ORG" determinerCode="INSTANCE">
                <id root="%3$s"/></representedOrganization></asAgent></device></%1$s>
                """.formatted(element, code, oid);
    }

    String xml() {
        return """
                <PRPA_IN201305UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"
                    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
                <id root="%1$s"/><creationTime value="20261201090000"/>
                <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201305UV02"/>
                <processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
                %2$s%3$s%4$s
                <controlActProcess classCode="CACT" moodCode="EVN">
                <code code="PRPA_TE201305UV02" codeSystem="2.16.840.1.113883.1.6"/>
                <authorOrPerformer typeCode="AUT"><assignedDevice classCode="ASSIGNED">
                <id root="%5$s.1"/></assignedDevice></authorOrPerformer>
                <queryByParameter><queryId root="%1$s"/><statusCode code="new"/>
                <responseModalityCode code="R"/><responsePriorityCode code="%6$s"/>
                <parameterList>%7$s</parameterList></queryByParameter></controlActProcess>
                </PRPA_IN201305UV02>
                """.formatted(id, party("receiver", "RCV", home), respondTo,
                party("sender", "SND", COMMUNITY), COMMUNITY, priority,
                sex + birth + ids + names + addresses);
    }
}
