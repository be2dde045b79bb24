package renkei.ipf;

import jakarta.jws.Oneway;
import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebService;
import jakarta.jws.soap.SOAPBinding;
import jakarta.xml.bind.annotation.XmlSeeAlso;
import org.apache.cxf.annotations.DataBinding;
import org.openehealth.ipf.commons.ihe.xds.core.XdsJaxbDataBinding;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.RetrieveDocumentSetResponseType;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rs.RegistryResponseType;

/** What answers look like to CXF: one operation for each kind of them. */
@WebService(name = "Replies", targetNamespace = "urn:renkei:ipf")
@SOAPBinding(parameterStyle = SOAPBinding.ParameterStyle.BARE)
@DataBinding(XdsJaxbDataBinding.class)
@XmlSeeAlso({
    org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rim.ObjectFactory.class,
    org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.lcm.ObjectFactory.class,
    org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rs.ObjectFactory.class,
    org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.ObjectFactory.class})
public interface ReplyPort {
    /** ITI-41, 42, 57, 61, 62, 86, 92. */
    @Oneway
    @WebMethod
    void told(@WebParam(partName = "body", name = "RegistryResponse",
            targetNamespace = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0") RegistryResponseType body);

    /** ITI-18 and 51. */
    @Oneway
    @WebMethod
    void found(@WebParam(partName = "body", name = "AdhocQueryResponse",
            targetNamespace = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0") AdhocQueryResponse body);

    /** ITI-43. */
    @Oneway
    @WebMethod
    void retrieved(@WebParam(partName = "body", name = "RetrieveDocumentSetResponse",
            targetNamespace = "urn:ihe:iti:xds-b:2007") RetrieveDocumentSetResponseType body);
}
