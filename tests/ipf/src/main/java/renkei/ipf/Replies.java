package renkei.ipf;

import jakarta.activation.DataHandler;
import jakarta.mail.util.ByteArrayDataSource;
import jakarta.xml.ws.soap.SOAPBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.cxf.jaxws.JaxWsServerFactoryBean;
import org.apache.cxf.message.Message;
import org.apache.cxf.transport.servlet.CXFNonSpringServlet;
import org.apache.cxf.ws.addressing.WSAddressingFeature;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.PixPdqV3CamelValidators;
import org.openehealth.ipf.platform.camel.ihe.ws.AbstractWsEndpoint;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators;

/** Where answers arrive that come on a connection of their own (ITI TF-2: V.3.6), over mutual TLS. */
final class Replies implements AutoCloseable {
    /** An answer, its wsa:Action where CXF alone took it, and the key of what it answers. */
    record Reply(String key, String action, Object body) {}

    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    private final Correlator correlator = new Correlator();
    private final Tomcat tomcat = new Tomcat();
    private final Path base = Files.createTempDirectory("renkei-ipf");
    private final int port;

    /** @param identity folder of a server's certificate, its key and the CA */
    Replies(int port, Path identity) throws Exception {
        this.port = port;
        tomcat.setBaseDir(base.toString());
        tomcat.setConnector(connector(port, identity));
        var context = tomcat.addContext("", base.toString());
        // Maven's own loader has none of the libraries.
        context.setParentClassLoader(Replies.class.getClassLoader());
        Tomcat.addServlet(context, "cxf", new CXFNonSpringServlet()).setLoadOnStartup(1);
        context.addServletMappingDecoded("/replies/*", "cxf");
        tomcat.start();
        port().create();
    }

    private static Connector connector(int port, Path identity) throws Exception {
        SSLHostConfig host = new SSLHostConfig();
        host.setCertificateVerification("required");
        host.setTrustStore(Identity.trusted(identity));
        var certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
        certificate.setCertificateFile(identity.resolve("cert.pem").toString());
        certificate.setCertificateKeyFile(identity.resolve("key.pem").toString());
        host.addCertificate(certificate);
        Connector connector = new Connector();
        connector.setPort(port);
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        connector.addSslHostConfig(host);
        return connector;
    }

    /** The routes by which IPF takes the answers to ITI-38, 39, 41 and 55. */
    RouteBuilder route() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("xds-iti41-async-response:iti41?correlator=#correlator")
                        .process(XdsCamelValidators.iti41ResponseValidator())
                        .process(exchange -> replies.add(reply(exchange, Response.class)));
                from("xca-iti38-async-response:iti38?correlator=#correlator")
                        .process(XdsCamelValidators.iti38ResponseValidator())
                        .process(exchange -> replies.add(reply(exchange, QueryResponse.class)));
                from("xca-iti39-async-response:iti39?correlator=#correlator")
                        .process(XdsCamelValidators.iti39ResponseValidator())
                        .process(exchange -> replies.add(documents(exchange)));
                for (String when : new String[] {"async", "deferred"}) {
                    String place = when.equals("async") ? "iti55" : "iti55-deferred";
                    from("xcpd-iti55-" + when + "-response:" + place + "?correlator=#correlator")
                            .process(PixPdqV3CamelValidators.iti55ResponseValidator())
                            .process(exchange -> replies.add(reply(exchange, String.class)));
                }
            }
        };
    }

    private static Reply reply(Exchange exchange, Class<?> answer) {
        var in = exchange.getIn();
        return new Reply(in.getHeader(AbstractWsEndpoint.CORRELATION_KEY_HEADER_NAME, String.class), null,
                in.getBody(answer));
    }

    /** Documents are read at once: CXF forgets them with the message. */
    private static Reply documents(Exchange exchange) throws IOException {
        Reply reply = reply(exchange, RetrievedDocumentSet.class);
        for (var document : ((RetrievedDocumentSet) reply.body()).getDocuments()) {
            byte[] content = document.getDataHandler().getInputStream().readAllBytes();
            document.setDataHandler(
                    new DataHandler(new ByteArrayDataSource(content, document.getMimeType())));
        }
        return reply;
    }

    /** Where CXF takes the answers to everything else: IPF has no receiver for them. */
    private JaxWsServerFactoryBean port() {
        JaxWsServerFactoryBean port = new JaxWsServerFactoryBean();
        port.setServiceClass(ReplyPort.class);
        port.setServiceBean(new ReplyTaker(correlator, replies::add));
        port.setAddress("/others");
        port.setBindingId(SOAPBinding.SOAP12HTTP_MTOM_BINDING);
        port.getFeatures().add(new WSAddressingFeature());
        // One port takes the answers to several transactions: their actions are compared by the checks.
        // An answer is read before it is acknowledged: afterwards CXF has no documents any more.
        port.setProperties(Map.of(
                "allowNonMatchingToDefaultSoapAction", true, Message.ROBUST_ONEWAY, true));
        return port;
    }

    /** What is remembered of requests. */
    Correlator correlator() {
        return correlator;
    }

    /** The address for wsa:ReplyTo of ITI-41. */
    String address() {
        return "https://localhost:" + port + "/replies/iti41";
    }

    /** The address for wsa:ReplyTo of `iti38`, `iti39` and `iti55`, or for the deferred answer of `iti55-deferred`. */
    String across(String transaction) {
        return "https://localhost:" + port + "/replies/" + transaction;
    }

    /** The address for wsa:ReplyTo of all others. */
    String others() {
        return "https://localhost:" + port + "/replies/others";
    }

    /** The next answer. */
    Reply next() throws InterruptedException {
        Reply reply = replies.poll(60, TimeUnit.SECONDS);
        Expect.that(reply != null, "no answer came");
        return reply;
    }

    @Override
    public void close() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        base.toFile().delete();
    }
}
