package renkei.ipf;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.llp.MinLowerLayerProtocol;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.parser.ParserConfiguration;
import ca.uhn.hl7v2.parser.UnexpectedSegmentBehaviourEnum;
import ca.uhn.hl7v2.util.StandardSocketFactory;
import ca.uhn.hl7v2.validation.builder.support.DefaultValidationWithoutTNBuilder;
import java.io.IOException;
import java.net.Socket;

/** HAPI as strict as it can be: its rules of data types, and no segment that it does not know or expect there. */
final class Hapi {
    private Hapi() {}

    /** What parses and validates. */
    static HapiContext context() {
        ParserConfiguration parsing = new ParserConfiguration();
        parsing.setAllowUnknownVersions(false);
        parsing.setUnexpectedSegmentBehaviour(UnexpectedSegmentBehaviourEnum.THROW_HL7_EXCEPTION);
        HapiContext context = new DefaultHapiContext();
        context.setParserConfiguration(parsing);
        // all its rules but that telephone numbers are those of the US
        context.setValidationRuleBuilder(new DefaultValidationWithoutTNBuilder() {
            @Override
            protected void configure() {
                super.configure();
                forAllVersions().message().all().onlyKnownSegments();
            }
        });
        return context;
    }

    /** Fails unless every segment and group is there that HAPI's model of the message requires, which it does not check. */
    static <M extends Message> M complete(M message) throws HL7Exception {
        for (String name : message.getNames()) {
            Expect.that(!message.isRequired(name) || !message.get(name).isEmpty(), "no " + name);
        }
        return message;
    }

    /** What does both on connections over mutual TLS. */
    static HapiContext context(Identity identity) {
        HapiContext context = context();
        context.setLowerLayerProtocol(new MinLowerLayerProtocol());
        context.setSocketFactory(new StandardSocketFactory() {
            @Override
            public Socket createTlsSocket() throws IOException {
                return identity.tls().getSocketFactory().createSocket();
            }
        });
        return context;
    }
}
