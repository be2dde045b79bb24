package renkei.ipf;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/** A message of the patient feed over HL7 v3 as a source of identities writes it (ITI-44, ITI TF-2: 3.44). */
final class Registration {
    private static final String SOURCE = "1.2.392.200119.9.54";
    private final String interaction;
    private final String patient;
    private final String replaced;
    private final String id = UUID.randomUUID().toString();

    private Registration(String interaction, String patient, String replaced) {
        this.interaction = interaction;
        this.patient = patient;
        this.replaced = replaced;
    }

    /** A record that was added. */
    static Registration added(Somebody whom) {
        return added(whom, List.of());
    }

    /** One of a person whom others know by these. */
    static Registration added(Somebody whom, List<Identifiable> others) {
        return new Registration("PRPA_IN201301UV02", patient(whom, others), "");
    }

    /** One that was revised. */
    static Registration revised(Somebody whom) {
        return new Registration("PRPA_IN201302UV02", patient(whom, List.of()), "");
    }

    /** Two that turned out to be one. */
    static Registration merged(Somebody survivor, Identifiable subsumed) {
        return new Registration("PRPA_IN201304UV02", patient(survivor, List.of()), """
                <replacementOf typeCode="RPLC"><priorRegistration classCode="REG" moodCode="EVN">
                <statusCode code="obsolete"/><subject1 typeCode="SBJ"><priorRegisteredRole classCode="PAT">
                %s</priorRegisteredRole></subject1></priorRegistration></replacementOf>
                """.formatted(id(subsumed)));
    }

    /** The id of the message. */
    String id() {
        return id;
    }

    private static String id(Identifiable patient) {
        return "<id root=\"%s\" extension=\"%s\"/>".formatted(
                patient.getAssigningAuthority().getUniversalId(), patient.getId());
    }

    private static String other(Identifiable number) {
        return """
                <asOtherIDs classCode="PAT">%s<scopingOrganization classCode="ORG" determinerCode="INSTANCE">
                <id root="%s"/></scopingOrganization></asOtherIDs>
                """.formatted(id(number), number.getAssigningAuthority().getUniversalId());
    }

    private static String patient(Somebody whom, List<Identifiable> others) {
        String authority = whom.id().getAssigningAuthority().getUniversalId();
        String known = others.stream().map(Registration::other).collect(joining());
        return """
                <patient classCode="PAT">%1$s<statusCode code="active"/>
                <patientPerson classCode="PSN" determinerCode="INSTANCE">
                <name use="SYL"><family>ケンシン</family><given>%2$s</given></name>
                <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
                <birthTime value="%3$s"/>%5$s</patientPerson>
                <providerOrganization classCode="ORG" determinerCode="INSTANCE"><id root="%4$s"/>
                <contactParty classCode="CON"/></providerOrganization></patient>
                """.formatted(id(whom.id()), whom.kana(), whom.birth(), authority, known);
    }

    private static String party(String element, String code, String oid) {
        return """
                <%1$s typeCode="%2$s"><device classCode="DEV" determinerCode="INSTANCE"><id root="%3$s"/>
                </device></%1$s>
                """.formatted(element, code, oid);
    }

    String xml() {
        return """
                <%1$s xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
                <id root="%2$s"/><creationTime value="20261201090000"/>
                <interactionId root="2.16.840.1.113883.1.6" extension="%1$s"/>
                <processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
                %3$s%4$s
                <controlActProcess classCode="CACT" moodCode="EVN">
                <code code="%5$s" codeSystem="2.16.840.1.113883.1.6"/>
                <subject typeCode="SUBJ" contextConductionInd="false">
                <registrationEvent classCode="REG" moodCode="EVN"><statusCode code="active"/>
                <subject1 typeCode="SBJ">%6$s</subject1>
                <custodian typeCode="CST"><assignedEntity classCode="ASSIGNED"><id root="%7$s"/>
                </assignedEntity></custodian>%8$s</registrationEvent></subject></controlActProcess></%1$s>
                """.formatted(interaction, id, party("receiver", "RCV", "1.2.392.200119.9.50"),
                party("sender", "SND", SOURCE), interaction.replace("_IN", "_TE"), patient, SOURCE, replaced);
    }
}
