package renkei.ipf;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.PixPdqV3CamelValidators;

/** IPF as a consumer whom the house tells of changed identifiers (ITI-46), of these domains alone. */
final class Notices {
    /** Whose numbers it is interested in; a setting of the house. */
    static final List<String> DOMAINS = List.of("2.999.31.46", "2.999.31.47");

    private final BlockingQueue<V3> arrived = new LinkedBlockingQueue<>();

    RouteBuilder routes(String name) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("pixv3-iti46:" + name)
                        .process(PixPdqV3CamelValidators.iti46RequestValidator())
                        .process(Notices.this::take)
                        .process(PixPdqV3CamelValidators.iti46ResponseValidator());
            }
        };
    }

    private void take(Exchange exchange) throws Exception {
        V3 notice = new V3(exchange.getIn().getBody(String.class));
        arrived.add(notice);
        exchange.getMessage().setBody("""
                <MCCI_IN000002UV01 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
                <id root="%1$s"/><creationTime value="20261201090001"/>
                <interactionId root="2.16.840.1.113883.1.6" extension="MCCI_IN000002UV01"/>
                <processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>
                <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
                <id root="%2$s"/></device></receiver>
                <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">
                <id root="%3$s"/></device></sender>
                <acknowledgement><typeCode code="CA"/><targetMessage>%4$s</targetMessage></acknowledgement>
                </MCCI_IN000002UV01>
                """.formatted(UUID.randomUUID(), notice.text("/*/v3:sender/v3:device/v3:id/@root"),
                notice.text("/*/v3:receiver/v3:device/v3:id/@root"), notice.element("/*/v3:id")));
    }

    /** The next notification. */
    V3 next() throws InterruptedException {
        V3 notice = arrived.poll(60, TimeUnit.SECONDS);
        Expect.that(notice != null, "nothing was told");
        return notice;
    }
}
