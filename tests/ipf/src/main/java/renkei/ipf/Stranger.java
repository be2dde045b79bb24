package renkei.ipf;

import ca.uhn.hl7v2.model.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import javax.xml.datatype.DatatypeFactory;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.hl7.HL7MLLPNettyDecoderFactory;
import org.apache.camel.component.hl7.HL7MLLPNettyEncoderFactory;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.cxf.transports.http.configuration.HTTPClientPolicy;
import org.openehealth.ipf.commons.audit.DefaultAuditContext;
import org.openehealth.ipf.commons.core.config.ContextFacade;
import org.openehealth.ipf.commons.core.config.SimpleRegistry;
import org.openehealth.ipf.commons.ihe.hl7v2.Hl7v2InteractionId;
import org.openehealth.ipf.commons.ihe.hl7v2.PDQ;
import org.openehealth.ipf.commons.ihe.hl7v2.PIX;
import org.openehealth.ipf.commons.ihe.hl7v2.XPID;
import org.openehealth.ipf.commons.ihe.xds.core.requests.ProvideAndRegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveDocuments;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveMetadata;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.Query;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryRequest;
import org.openehealth.ipf.platform.camel.ihe.core.ssl.StaticSSLContextParameters;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.PixPdqV3CamelValidators;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.iti55.TtlHeaderUtils;
import org.openehealth.ipf.platform.camel.ihe.mllp.PixPdqCamelValidators;
import org.openehealth.ipf.platform.camel.ihe.ws.AbstractWsEndpoint;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators;
import org.openehealth.ipf.platform.camel.ihe.xds.core.converters.EbXML30Converters;
import renkei.ipf.House.Role;

/** IPF as every client that the house knows: a method per transaction, each validated both ways by IPF. */
final class Stranger implements AutoCloseable {
    private final House house;
    private final Replies replies;
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final ProducerTemplate template;

    Stranger(House house, Replies replies, RouteBuilder... neighbours) throws Exception {
        this.house = house;
        this.replies = replies;
        SimpleRegistry beans = new SimpleRegistry();
        // which does not audit unless told to
        beans.register("auditContext", new DefaultAuditContext());
        ContextFacade.setRegistry(beans);
        for (Role role : Role.values()) {
            var tls = new StaticSSLContextParameters(house.identity(role).tls());
            camel.getRegistry().bind(role.folder(), tls);
        }
        HTTPClientPolicy patient = new HTTPClientPolicy();
        patient.setReceiveTimeout(600_000);
        camel.getRegistry().bind("patient", patient);
        // SOAP 1.2 answers a sender's fault with 400 (Part 2, 7.5.2.2); CXF reads it only when told to.
        camel.getRegistry().bind("properties", Map.of(
                "org.apache.cxf.transport.process_fault_on_http_400", true,
                "schema-validation-enabled", "IN"));
        var decoder = new HL7MLLPNettyDecoderFactory();
        decoder.setCharset(StandardCharsets.UTF_8);
        camel.getRegistry().bind("hl7decoder", decoder);
        var encoder = new HL7MLLPNettyEncoderFactory();
        encoder.setCharset(StandardCharsets.UTF_8);
        camel.getRegistry().bind("hl7encoder", encoder);
        camel.getRegistry().bind("correlator", replies.correlator());
        Asynchronous.addTo(camel);
        camel.addRoutes(replies.route());
        for (RouteBuilder neighbour : neighbours) {
            camel.addRoutes(neighbour);
        }
        camel.start();
        template = camel.createProducerTemplate();
    }

    House house() {
        return house;
    }

    Response iti41(ProvideAndRegisterDocumentSet set) throws Exception {
        return call(Role.SOURCE, "xds-iti41", "repository", set, Response.class,
                XdsCamelValidators.iti41RequestValidator(), XdsCamelValidators.iti41ResponseValidator());
    }

    /** ITI-41 that asks for its answer to go to `replyTo`. */
    void iti41(ProvideAndRegisterDocumentSet set, String replyTo, String key) throws Exception {
        XdsCamelValidators.iti41RequestValidator().process(holding(set));
        ask(uri(Role.SOURCE, "xds-iti41", "repository"), set, replyTo, key);
    }

    /** Has the answer sent to {@link Replies}, and takes it there; IPF checks both. */
    <T> T asynchronously(Asynchronous transaction, Object body, Class<T> answer) throws Exception {
        transaction.before.process(holding(body));
        String key = UUID.randomUUID().toString();
        String uri = uri(transaction.role, transaction.scheme(), transaction.endpoint);
        ask(uri, body, replies.others(), key);
        Replies.Reply reply = replies.next();
        Expect.equal(key, reply.key());
        Expect.equal(transaction.action(), reply.action());
        Exchange answered = holding(reply.body());
        transaction.after.process(answered);
        return answered.getIn().getMandatoryBody(answer);
    }

    private void ask(String uri, Object body, String replyTo, String key) throws Exception {
        answered(template.send(uri + "&correlator=#correlator", ExchangePattern.InOnly, e -> {
            e.getIn().setBody(body);
            e.getIn().setHeader(AbstractWsEndpoint.WSA_REPLYTO_HEADER_NAME, replyTo);
            e.getIn().setHeader(AbstractWsEndpoint.CORRELATION_KEY_HEADER_NAME, key);
        }));
    }

    /** A message that IPF itself would refuse. */
    Response iti41Unchecked(ProvideAndRegisterDocumentSet set) throws Exception {
        return call(Role.SOURCE, "xds-iti41", "repository", set, Response.class,
                null, XdsCamelValidators.iti41ResponseValidator());
    }

    Response iti42(RegisterDocumentSet set) throws Exception {
        return call(Role.REPOSITORY, "xds-iti42", "registry", set, Response.class,
                XdsCamelValidators.iti42RequestValidator(), XdsCamelValidators.iti42ResponseValidator());
    }

    /** ITI-18 for whole objects. */
    QueryResponse iti18(Query query) throws Exception {
        return iti18(query, QueryReturnType.LEAF_CLASS);
    }

    QueryResponse iti18(Query query, QueryReturnType what) throws Exception {
        return call(Role.CONSUMER, "xds-iti18", "registry", asked(query, what), QueryResponse.class,
                XdsCamelValidators.iti18RequestValidator(), XdsCamelValidators.iti18ResponseValidator());
    }

    /** A query that IPF itself would refuse. */
    QueryResponse iti18Unchecked(Query query) throws Exception {
        return call(Role.CONSUMER, "xds-iti18", "registry", asked(query, QueryReturnType.LEAF_CLASS),
                QueryResponse.class, null, XdsCamelValidators.iti18ResponseValidator());
    }

    /** FindDocumentsExclude, which IPF does not know: another query under its id, with its parameters. */
    QueryResponse iti18Excluding(Query like, Map<String, String> parameters) throws Exception {
        AdhocQueryRequest request = EbXML30Converters.convert(asked(like, QueryReturnType.LEAF_CLASS));
        request.getAdhocQuery().setId("urn:uuid:4308b1df-36de-4bef-8e2e-ba91f593c435");
        request.getAdhocQuery().getSlot().forEach(slot ->
                slot.setName(parameters.getOrDefault(slot.getName(), slot.getName())));
        return call(Role.CONSUMER, "xds-iti18", "registry", request, QueryResponse.class,
                null, XdsCamelValidators.iti18ResponseValidator());
    }

    /** A query for several patients that IPF itself would refuse. */
    QueryResponse iti51Unchecked(Query query) throws Exception {
        return call(Role.CONSUMER, "xds-iti51", "registry", asked(query, QueryReturnType.LEAF_CLASS),
                QueryResponse.class, null, XdsCamelValidators.iti51ResponseValidator());
    }

    QueryResponse iti51(Query query) throws Exception {
        return call(Role.CONSUMER, "xds-iti51", "registry", asked(query, QueryReturnType.LEAF_CLASS),
                QueryResponse.class,
                XdsCamelValidators.iti51RequestValidator(), XdsCamelValidators.iti51ResponseValidator());
    }

    RetrievedDocumentSet iti43(RetrieveDocumentSet request) throws Exception {
        return call(Role.CONSUMER, "xds-iti43", "repository", request, RetrievedDocumentSet.class,
                XdsCamelValidators.iti43RequestValidator(), XdsCamelValidators.iti43ResponseValidator());
    }

    Response iti57(RegisterDocumentSet update) throws Exception {
        return call(Role.ADMINISTRATOR, "xds-iti57", "registry", update, Response.class,
                XdsCamelValidators.iti57RequestValidator(), XdsCamelValidators.iti57ResponseValidator());
    }

    /** An update that IPF itself would refuse. */
    Response iti57Unchecked(RegisterDocumentSet update) throws Exception {
        return call(Role.ADMINISTRATOR, "xds-iti57", "registry", update, Response.class,
                null, XdsCamelValidators.iti57ResponseValidator());
    }

    Response iti61(RegisterDocumentSet set) throws Exception {
        return call(Role.REPOSITORY, "xds-iti61", "registry", set, Response.class,
                XdsCamelValidators.iti61RequestValidator(), XdsCamelValidators.iti61ResponseValidator());
    }

    /** An On-Demand entry that IPF itself would refuse. */
    Response iti61Unchecked(RegisterDocumentSet set) throws Exception {
        return call(Role.REPOSITORY, "xds-iti61", "registry", set, Response.class,
                null, XdsCamelValidators.iti61ResponseValidator());
    }

    Response iti62(RemoveMetadata removal) throws Exception {
        return call(Role.ADMINISTRATOR, "rmd-iti62", "registry", removal, Response.class,
                XdsCamelValidators.iti62RequestValidator(), XdsCamelValidators.iti62ResponseValidator());
    }

    Response iti86(RemoveDocuments removal) throws Exception {
        return call(Role.ADMINISTRATOR, "rmd-iti86", "repository", removal, Response.class,
                XdsCamelValidators.iti86RequestValidator(), XdsCamelValidators.iti86ResponseValidator());
    }

    Response iti92(RegisterDocumentSet update) throws Exception {
        return call(Role.ADMINISTRATOR, "rmu-iti92", "registry", update, Response.class,
                XdsCamelValidators.iti92RequestValidator(), XdsCamelValidators.iti92ResponseValidator());
    }

    QueryResponse iti38(Query query) throws Exception {
        return iti38(query, QueryReturnType.LEAF_CLASS);
    }

    QueryResponse iti38(Query query, QueryReturnType what) throws Exception {
        return call(Role.GATEWAY, "xca-iti38", "responding_gateway", asked(query, what), QueryResponse.class,
                XdsCamelValidators.iti38RequestValidator(), XdsCamelValidators.iti38ResponseValidator());
    }

    /** A query across communities that IPF itself would refuse. */
    QueryResponse iti38Unchecked(Query query) throws Exception {
        return call(Role.GATEWAY, "xca-iti38", "responding_gateway",
                asked(query, QueryReturnType.LEAF_CLASS), QueryResponse.class,
                null, XdsCamelValidators.iti38ResponseValidator());
    }

    /** ITI-38 that asks for its answer to go to `replyTo`. */
    void iti38(Query query, String replyTo, String key) throws Exception {
        ask(uri(Role.GATEWAY, "xca-iti38", "responding_gateway"),
                asked(query, QueryReturnType.LEAF_CLASS), replyTo, key);
    }

    RetrievedDocumentSet iti39(RetrieveDocumentSet request) throws Exception {
        return call(Role.GATEWAY, "xca-iti39", "responding_gateway", request, RetrievedDocumentSet.class,
                XdsCamelValidators.iti39RequestValidator(), XdsCamelValidators.iti39ResponseValidator());
    }

    /** A retrieval across communities that IPF itself would refuse. */
    RetrievedDocumentSet iti39Unchecked(RetrieveDocumentSet request) throws Exception {
        return call(Role.GATEWAY, "xca-iti39", "responding_gateway", request, RetrievedDocumentSet.class,
                null, XdsCamelValidators.iti39ResponseValidator());
    }

    /** ITI-39 that asks for its answer to go to `replyTo`. */
    void iti39(RetrieveDocumentSet request, String replyTo, String key) throws Exception {
        ask(uri(Role.GATEWAY, "xca-iti39", "responding_gateway"), request, replyTo, key);
    }

    /** ITI-92 by the gateway of another community. */
    Response iti92Across(RegisterDocumentSet update) throws Exception {
        return call(Role.GATEWAY, "rmu-iti92", "responding_gateway", update, Response.class,
                XdsCamelValidators.iti92RequestValidator(), XdsCamelValidators.iti92ResponseValidator());
    }

    /** ITI-44 to a registry. */
    String iti44(String message) throws Exception {
        return call(Role.FEED, "xds-iti44", "patient_feed_v3", message, String.class,
                PixPdqV3CamelValidators.iti44RequestValidator(),
                PixPdqV3CamelValidators.iti44ResponseValidator());
    }

    /** ITI-45. */
    String iti45(String message) throws Exception {
        return call(Role.CONSUMER, "pixv3-iti45", "pix_v3", message, String.class,
                PixPdqV3CamelValidators.iti45RequestValidator(),
                PixPdqV3CamelValidators.iti45ResponseValidator());
    }

    /** ITI-47, or a continuation of one. */
    String iti47(String message) throws Exception {
        return call(Role.CONSUMER, "pdqv3-iti47", "pdq_v3", message, String.class,
                PixPdqV3CamelValidators.iti47RequestValidator(),
                PixPdqV3CamelValidators.iti47ResponseValidator());
    }

    /** No more of an ITI-47; IPF has no validator of what acknowledges it. */
    String iti47Cancel(String message) throws Exception {
        return call(Role.CONSUMER, "pdqv3-iti47", "pdq_v3", message, String.class,
                PixPdqV3CamelValidators.iti47RequestValidator(), null);
    }

    /** ITI-55; the answer with the headers of its message. */
    org.apache.camel.Message iti55(String question) throws Exception {
        PixPdqV3CamelValidators.iti55RequestValidator().process(holding(question));
        Exchange exchange = discover(question);
        PixPdqV3CamelValidators.iti55ResponseValidator().process(holding(exchange.getMessage().getBody()));
        return exchange.getMessage();
    }

    /** A question that IPF itself would refuse. */
    String iti55Unchecked(String question) throws Exception {
        return call(Role.GATEWAY, "xcpd-iti55", "xcpd", question, String.class,
                null, PixPdqV3CamelValidators.iti55ResponseValidator());
    }

    /** ITI-55 that asks for its answer to go to `replyTo`. */
    void iti55(String question, String replyTo, String key) throws Exception {
        PixPdqV3CamelValidators.iti55RequestValidator().process(holding(question));
        ask(uri(Role.GATEWAY, "xcpd-iti55", "xcpd"), question, replyTo, key);
    }

    /** ITI-55 whose answer comes later; what acknowledges it. */
    String iti55Deferred(String question, String key) throws Exception {
        PixPdqV3CamelValidators.iti55RequestValidator().process(holding(question));
        String uri = uri(Role.GATEWAY, "xcpd-iti55", "xcpd") + "&correlator=#correlator";
        Exchange exchange = template.send(uri, ExchangePattern.InOut, e -> {
            e.getIn().setBody(question);
            e.getIn().setHeader(AbstractWsEndpoint.CORRELATION_KEY_HEADER_NAME, key);
        });
        return answered(exchange).getMessage().getBody(String.class);
    }

    /** Sends a question with the time for which its match may be kept. */
    private Exchange discover(String question) throws Exception {
        String uri = uri(Role.GATEWAY, "xcpd-iti55", "xcpd");
        return answered(template.send(uri, ExchangePattern.InOut, e -> {
            e.getIn().setBody(question);
            TtlHeaderUtils.setTtl(DatatypeFactory.newInstance().newDuration("P7D"), e.getIn());
        }));
    }

    private static Exchange answered(Exchange exchange) throws Exception {
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        return exchange;
    }

    /** ITI-56: which communities hold data of a patient. */
    String iti56(String question) throws Exception {
        return call(Role.GATEWAY, "xcpd-iti56", "xcpd", question, String.class,
                PixPdqV3CamelValidators.iti56RequestValidator(),
                PixPdqV3CamelValidators.iti56ResponseValidator());
    }

    /** ITI-18 to all communities. */
    QueryResponse iti18Across(Query query) throws Exception {
        return iti18Across(query, QueryReturnType.LEAF_CLASS);
    }

    QueryResponse iti18Across(Query query, QueryReturnType what) throws Exception {
        return call(Role.CONSUMER, "xds-iti18", "initiating_gateway", asked(query, what), QueryResponse.class,
                XdsCamelValidators.iti18RequestValidator(), XdsCamelValidators.iti18ResponseValidator());
    }

    /** ITI-43 from all communities. */
    RetrievedDocumentSet iti43Across(RetrieveDocumentSet request) throws Exception {
        return call(Role.CONSUMER, "xds-iti43", "initiating_gateway", request, RetrievedDocumentSet.class,
                XdsCamelValidators.iti43RequestValidator(), XdsCamelValidators.iti43ResponseValidator());
    }

    Message iti8(String message) throws Exception {
        return mllp(Role.FEED, PIX.FeedInteractions.ITI_8_XDS, "xds-iti8", message,
                PixPdqCamelValidators.iti8RequestValidator(), PixPdqCamelValidators.iti8ResponseValidator());
    }

    Message iti64(String message) throws Exception {
        return mllp(Role.FEED, XPID.Interactions.ITI_64, "xpid-iti64", message,
                PixPdqCamelValidators.iti64RequestValidator(), PixPdqCamelValidators.iti64ResponseValidator());
    }

    Message iti9(String message) throws Exception {
        return mllp(Role.CONSUMER, PIX.QueryInteractions.ITI_9, "pix-iti9", message,
                PixPdqCamelValidators.iti9RequestValidator(), PixPdqCamelValidators.iti9ResponseValidator());
    }

    Message iti21(String message) throws Exception {
        return mllp(Role.CONSUMER, PDQ.Interactions.ITI_21, "pdq-iti21", message,
                PixPdqCamelValidators.iti21RequestValidator(), PixPdqCamelValidators.iti21ResponseValidator());
    }

    /** Any transaction in any role: for callers that may not. */
    <T> T as(Role role, String component, String endpoint, Object body, Class<T> answer) throws Exception {
        return call(role, component, endpoint, body, answer, null, null);
    }

    static QueryRegistry asked(Query query, QueryReturnType what) {
        QueryRegistry request = new QueryRegistry(query);
        request.setReturnType(what);
        return request;
    }

    private <T> T call(Role role, String component, String endpoint, Object body, Class<T> answer,
            Processor before, Processor after) throws Exception {
        return send(uri(role, component, endpoint), body, answer, before, after);
    }

    private String uri(Role role, String component, String endpoint) throws IOException {
        return component + "://" + house.address(endpoint)
                + "?secure=true&httpClientPolicy=#patient&properties=#properties&sslContextParameters=#"
                + role.folder();
    }

    private Message mllp(Role role, Hl7v2InteractionId<?> interaction, String component, String text,
            Processor before, Processor after) throws Exception {
        Message message = interaction.getHl7v2TransactionConfiguration().getParser().parse(text);
        String uri = component + "://" + house.address("patient_feed")
                + "?secure=true&audit=false&sslContextParameters=#" + role.folder();
        return send(uri, message, Message.class, before, after);
    }

    private <T> T send(String uri, Object body, Class<T> answer, Processor before, Processor after)
            throws Exception {
        if (before != null) {
            before.process(holding(body));
        }
        Exchange exchange =
                answered(template.send(uri, ExchangePattern.InOut, e -> e.getIn().setBody(body)));
        Exchange taken = holding(exchange.getMessage().getBody());
        if (after != null) {
            after.process(taken);
        }
        return taken.getIn().getMandatoryBody(answer);
    }

    private Exchange holding(Object body) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getIn().setBody(body);
        return exchange;
    }

    @Override
    public void close() {
        camel.stop();
    }
}
