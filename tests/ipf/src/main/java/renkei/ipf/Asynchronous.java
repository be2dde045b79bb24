package renkei.ipf;

import jakarta.xml.ws.Action;
import java.util.Arrays;
import java.util.Locale;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.openehealth.ipf.commons.ihe.xds.RMU;
import org.openehealth.ipf.commons.ihe.xds.XDS;
import org.openehealth.ipf.commons.ihe.xds.XdsInteractionId;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.RemoveDocumentsRequestType;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.RetrieveDocumentSetRequestType;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.RetrieveDocumentSetResponseType;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.lcm.RemoveObjectsRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.lcm.SubmitObjectsRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rs.RegistryResponseType;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators;
import renkei.ipf.House.Role;

/** Transactions besides ITI-41 whose answers can be had on a connection of their own. */
enum Asynchronous {
    ITI_18(Role.CONSUMER, "registry", XDS.Interactions.ITI_18,
            AdhocQueryRequest.class, AdhocQueryResponse.class,
            XdsCamelValidators.iti18RequestValidator(), XdsCamelValidators.iti18ResponseValidator()),
    ITI_42(Role.REPOSITORY, "registry", XDS.Interactions.ITI_42,
            SubmitObjectsRequest.class, RegistryResponseType.class,
            XdsCamelValidators.iti42RequestValidator(), XdsCamelValidators.iti42ResponseValidator()),
    ITI_43(Role.CONSUMER, "repository", XDS.Interactions.ITI_43,
            RetrieveDocumentSetRequestType.class, RetrieveDocumentSetResponseType.class,
            XdsCamelValidators.iti43RequestValidator(), XdsCamelValidators.iti43ResponseValidator()),
    ITI_51(Role.CONSUMER, "registry", XDS.Interactions.ITI_51,
            AdhocQueryRequest.class, AdhocQueryResponse.class,
            XdsCamelValidators.iti51RequestValidator(), XdsCamelValidators.iti51ResponseValidator()),
    ITI_57(Role.ADMINISTRATOR, "registry", XDS.Interactions.ITI_57,
            SubmitObjectsRequest.class, RegistryResponseType.class,
            XdsCamelValidators.iti57RequestValidator(), XdsCamelValidators.iti57ResponseValidator()),
    ITI_61(Role.REPOSITORY, "registry", XDS.Interactions.ITI_61,
            SubmitObjectsRequest.class, RegistryResponseType.class,
            XdsCamelValidators.iti61RequestValidator(), XdsCamelValidators.iti61ResponseValidator()),
    ITI_62(Role.ADMINISTRATOR, "registry", XDS.Interactions.ITI_62,
            RemoveObjectsRequest.class, RegistryResponseType.class,
            XdsCamelValidators.iti62RequestValidator(), XdsCamelValidators.iti62ResponseValidator()),
    ITI_86(Role.ADMINISTRATOR, "repository", XDS.Interactions.ITI_86,
            RemoveDocumentsRequestType.class, RegistryResponseType.class,
            XdsCamelValidators.iti86RequestValidator(), XdsCamelValidators.iti86ResponseValidator()),
    ITI_92(Role.ADMINISTRATOR, "registry", RMU.Interactions.ITI_92,
            SubmitObjectsRequest.class, RegistryResponseType.class,
            XdsCamelValidators.iti92RequestValidator(), XdsCamelValidators.iti92ResponseValidator());

    final Role role;
    final String endpoint;
    final Processor before;
    final Processor after;
    private final XdsInteractionId<?> transaction;
    private final Class<?> question;
    private final Class<?> answer;

    Asynchronous(Role role, String endpoint, XdsInteractionId<?> transaction, Class<?> question,
            Class<?> answer, Processor before, Processor after) {
        this.role = role;
        this.endpoint = endpoint;
        this.transaction = transaction;
        this.question = question;
        this.answer = answer;
        this.before = before;
        this.after = after;
    }

    /** The name of its Camel component. */
    String scheme() {
        return "asynchronous-" + name().replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Its number, as checks are listed. */
    String number() {
        return name().replace('_', '-');
    }

    /** The wsa:Action of its answer. IPF's own of ITI-61 is not the standard's (decision 0035). */
    String action() {
        if (this == ITI_61) {
            return "urn:ihe:iti:2010:RegisterOnDemandDocumentResponse";
        }
        return Arrays.stream(transaction.getWsTransactionConfiguration().getSei().getMethods())
                .map(method -> method.getAnnotation(Action.class))
                .filter(action -> action != null)
                .findFirst().orElseThrow().output();
    }

    static void addTo(CamelContext camel) {
        for (Asynchronous each : values()) {
            camel.addComponent(each.scheme(),
                    new AsynchronousComponent<>(each.transaction, each.question, each.answer));
        }
    }
}
