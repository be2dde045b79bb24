package renkei.ipf;

import ca.uhn.hl7v2.model.GenericMessage;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.model.v25.datatype.CX;
import ca.uhn.hl7v2.model.v25.datatype.HD;
import ca.uhn.hl7v2.model.v25.message.ADT_A05;
import ca.uhn.hl7v2.model.v25.segment.MSH;
import ca.uhn.hl7v2.parser.Parser;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The messages of HL7 v2 of docs/examples, which the house and its clients have written: HAPI finds nothing wrong. */
final class ExampleChecks {
    private static final Parser PARSER = Hapi.context().getPipeParser();
    private final Checks checks;
    private final Path folder;

    ExampleChecks(Checks checks, Path folder) {
        this.checks = checks;
        this.folder = folder;
    }

    void run() throws IOException {
        for (Path file : files()) {
            Path name = folder.relativize(file);
            String of = name.getName(0).toString();
            String transaction = of.equals("errors") ? "ITI-8" : of.toUpperCase(java.util.Locale.ROOT);
            checks.that(transaction, "HAPI reads docs/examples: " + name, () -> {
                Message message = Hapi.complete(PARSER.parse(text(file)));
                Expect.that(!(message instanceof GenericMessage), "HAPI does not know " + message.getName());
            });
        }
        checks.that("ITI-10", "HAPI: all identifiers of a notice, with their authorities", this::notice);
    }

    /** A notice as a consumer got it from a running house (ITI TF-2: 3.10.4.1.2): type, event, each identifier. */
    private void notice() throws Exception {
        ADT_A05 notice = (ADT_A05) PARSER.parse(text(folder.resolve("iti-10/identifiers.request.hl7")));
        MSH msh = notice.getMSH();
        Expect.equal("ADT^A31^ADT_A05", msh.getMessageType().encode());
        Expect.equal("2.5", msh.getVersionID().encode());
        // EVN-1 is of the past (HL7 V2.5: 3.4.1.1)
        Expect.equal("", notice.getEVN().getEventTypeCode().encode());
        Expect.equal(msh.getDateTimeOfMessage().encode(), notice.getEVN().getRecordedDateTime().encode());
        List<String> told = new ArrayList<>();
        for (CX id : notice.getPID().getPatientIdentifierList()) {
            HD authority = id.getAssigningAuthority();
            Expect.that(!authority.getNamespaceID().isEmpty(), "an authority without its name: " + id.encode());
            Expect.equal("ISO", authority.getUniversalIDType().getValue());
            Expect.equal("PI", id.getIdentifierTypeCode().getValue());
            told.add(id.getIDNumber().getValue() + " of " + authority.getUniversalID().getValue());
        }
        Expect.equal(List.of("P-1011 of 2.999.1.2", "K-0011 of 2.999.2.3"), told);
        Expect.equal("N", notice.getPV1().getPatientClass().getValue());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".hl7")).sorted().toList();
        }
    }

    /** As it goes over the wire, where segments end with CR. */
    private static String text(Path file) throws IOException {
        byte[] octets = Files.readAllBytes(file);
        boolean isJis = new String(octets, StandardCharsets.US_ASCII).contains("|~ISO IR87");
        Charset charset = isJis ? Charset.forName("ISO-2022-JP") : StandardCharsets.UTF_8;
        return new String(octets, charset).replace('\n', '\r');
    }
}
