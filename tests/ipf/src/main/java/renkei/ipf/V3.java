package renkei.ipf;

import java.io.StringReader;
import java.io.StringWriter;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.namespace.NamespaceContext;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** A message of HL7 v3, asked by paths in which `v3` is its namespace. */
final class V3 {
    private static final String NAMESPACE = "urn:hl7-org:v3";
    private final Document document;
    private final XPath path = XPathFactory.newInstance().newXPath();

    V3(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        path.setNamespaceContext(new NamespaceContext() {
            @Override
            public String getNamespaceURI(String prefix) {
                return prefix.equals("v3") ? NAMESPACE : XMLConstants.NULL_NS_URI;
            }

            @Override
            public String getPrefix(String namespace) {
                return null;
            }

            @Override
            public Iterator<String> getPrefixes(String namespace) {
                return null;
            }
        });
    }

    /** The interaction: the name of its root. */
    String name() {
        return document.getDocumentElement().getLocalName();
    }

    /** The first value at a path; empty when there is none. */
    String text(String at) throws Exception {
        return path.evaluate(at, document);
    }

    /** All values at a path. */
    List<String> texts(String at) throws Exception {
        NodeList found = (NodeList) path.evaluate(at, document, XPathConstants.NODESET);
        return IntStream.range(0, found.getLength()).mapToObj(n -> found.item(n).getNodeValue()).toList();
    }

    /** How many there are of something. */
    int count(String at) throws Exception {
        return ((Number) path.evaluate("count(" + at + ")", document, XPathConstants.NUMBER)).intValue();
    }

    /** The element at a path as it stands. */
    String element(String at) throws Exception {
        Node node = (Node) path.evaluate(at, document, XPathConstants.NODE);
        var writer = TransformerFactory.newInstance().newTransformer();
        writer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        StringWriter out = new StringWriter();
        writer.transform(new DOMSource(node), new StreamResult(out));
        return out.toString();
    }
}
