package renkei.ipf;

import jakarta.activation.DataHandler;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.apache.cxf.jaxws.context.WebServiceContextImpl;
import org.apache.cxf.ws.addressing.AddressingProperties;
import org.apache.cxf.ws.addressing.JAXWSAConstants;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.RetrieveDocumentSetResponseType;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.RetrieveDocumentSetResponseType.DocumentResponse;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rs.RegistryResponseType;

/** Takes answers as CXF has read them, each with what it says to answer. */
public final class ReplyTaker implements ReplyPort {
    private final Correlator correlator;
    private final Consumer<Replies.Reply> replies;

    ReplyTaker(Correlator correlator, Consumer<Replies.Reply> replies) {
        this.correlator = correlator;
        this.replies = replies;
    }

    @Override
    public void told(RegistryResponseType body) {
        take(body);
    }

    @Override
    public void found(AdhocQueryResponse body) {
        take(body);
    }

    /** Documents are read at once: CXF forgets them with the message. */
    @Override
    public void retrieved(RetrieveDocumentSetResponseType body) {
        try {
            for (DocumentResponse document : body.getDocumentResponse()) {
                var content = document.getDocument().getInputStream().readAllBytes();
                document.setDocument(
                        new DataHandler(new ByteArrayDataSource(content, document.getMimeType())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        take(body);
    }

    private void take(Object body) {
        var addressing = (AddressingProperties) new WebServiceContextImpl().getMessageContext()
                .get(JAXWSAConstants.ADDRESSING_PROPERTIES_INBOUND);
        String request = addressing.getRelatesTo().getValue();
        replies.accept(new Replies.Reply(correlator.getCorrelationKey(request),
                addressing.getAction().getValue(), body));
    }
}
