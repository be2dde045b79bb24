package renkei.ipf;

import java.math.BigInteger;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssigningAuthority;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Author;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.CXiAssigningAuthority;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.LocalizedString;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Organization;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.PatientInfo;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Person;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ReferenceId;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.SubmissionSet;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.XcnName;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.XpnName;

/** Objects of fictitious people, with the codes of the project's own affinity domain. */
final class Sample {
    /** Root of the project's code systems. */
    static final String ROOT = "2.25.185732698166007113028036616671757965052";
    /** The sourceId of every submission here. */
    static final String SOURCE_ID = ROOT + ".10.11319900013";
    private static final AssigningAuthority INSTITUTIONS =
            new AssigningAuthority("1.2.392.200119.6.102", "ISO");
    private static final AssigningAuthority SOURCE_AUTHORITY =
            new AssigningAuthority("1.2.392.100495.20.3.51.11319900013", "ISO");

    /** How the source calls the person. */
    static final Identifiable LOCAL_ID = new Identifiable("T-0001", SOURCE_AUTHORITY);

    static final Code CHECKUP = code("CHECKUP", 1, "健診・検診");
    static final Code ORIGINAL = code("SOURCE", 1, "原本");
    static final Code REPORT = coded("53576-5", "2.16.840.1.113883.6.1", "検診・健診報告書");
    static final Code CSV = code("kcsv-1.0", 3, "標準CSV kcsv/1.0");
    static final Code CDA = code("cdar2_hc08_v08", 3, "特定健診 CDA R2 V08");
    static final Code YEARS = code("urn:renkei:checkup-years:1.0", 3, "健診結果の経年記録 FHIR R4 文書");
    static final Code CENTRE = code("KENSHIN", 4, "健診センター");
    static final Code NORMAL = coded("N", "2.16.840.1.113883.5.25", "通常");
    static final Code FULL = code("FULL", 5, "全項目");
    static final Code PREVENTION = code("CHECKUP", 6, "健診・予防医学");
    static final Code YEAR_2025 = code("KENSHIN-2025", 7, "2025年度健診");
    static final Code CORRECTION = code("CORRECTION", 12, "訂正");
    static final Code DELIVERY = code("CHECKUP-DELIVERY", 2, "健診結果納品");
    static final Code EMPLOYER = coded("030", "1.2.392.200119.6.1002", "事業者健診");
    static final Code STATUTORY = coded("41", "1.2.392.200119.6.1001", "事業者健診");

    private Sample() {}

    /** A code of the project. */
    static Code code(String code, int arc, String display) {
        return coded(code, ROOT + "." + arc, display);
    }

    static Code coded(String code, String scheme, String display) {
        return new Code(code, japanese(display), scheme);
    }

    static LocalizedString japanese(String text) {
        return new LocalizedString(text, "ja-JP", "UTF-8");
    }

    /** A new OID (ITU-T X.667). */
    static String oid() {
        return "2.25." + new BigInteger(UUID.randomUUID().toString().replace("-", ""), 16);
    }

    static String uuid() {
        return "urn:uuid:" + UUID.randomUUID();
    }

    /** A new patient id of the house's affinity domain. */
    static Identifiable patient(House house) {
        String id = UUID.randomUUID().toString().replace("-", "");
        return new Identifiable(id, new AssigningAuthority(house.assigningAuthority(), "ISO"));
    }

    static ReferenceId accession(String id) {
        var authority = new CXiAssigningAuthority(null, "1.2.392.200119.6.102", "ISO");
        return new ReferenceId(id, authority, ReferenceId.ID_TYPE_CODE_ACCESSION);
    }

    static DocumentEntry entry(Identifiable patient) {
        DocumentEntry entry = new DocumentEntry();
        entry.setEntryUuid(uuid());
        entry.setUniqueId(oid());
        entry.setPatientId(patient);
        entry.setTitle(japanese("健康診断結果 2025-05-12 試験健診センター"));
        entry.setComments(japanese("齋藤・髙橋・𠮷田、㈱、①、〜－"));
        entry.setMimeType("text/csv");
        entry.setLanguageCode("ja-JP");
        entry.setCreationTime("20250520011530");
        entry.setServiceStartTime("20250512");
        entry.setServiceStopTime("20250512");
        entry.setClassCode(CHECKUP);
        entry.setTypeCode(REPORT);
        entry.setFormatCode(CSV);
        entry.setHealthcareFacilityTypeCode(CENTRE);
        entry.setPracticeSettingCode(PREVENTION);
        entry.getConfidentialityCodes().add(NORMAL);
        entry.getConfidentialityCodes().add(FULL);
        entry.getEventCodeList().add(EMPLOYER);
        entry.getAuthors().add(author());
        entry.setLegalAuthenticator(doctor());
        entry.setSourcePatientId(LOCAL_ID);
        entry.setSourcePatientInfo(demographics());
        return entry;
    }

    static SubmissionSet set(Identifiable patient) {
        SubmissionSet set = new SubmissionSet();
        set.setEntryUuid(uuid());
        set.setUniqueId(oid());
        set.setPatientId(patient);
        set.setSourceId(SOURCE_ID);
        set.setSubmissionTime("20250520020000");
        set.setTitle(japanese("試験の登録"));
        set.setContentTypeCode(DELIVERY);
        set.setAuthor(author());
        return set;
    }

    static Folder folder(Identifiable patient) {
        Folder folder = new Folder();
        folder.setEntryUuid(uuid());
        folder.setUniqueId(oid());
        folder.setPatientId(patient);
        folder.setTitle(japanese("2025年度健診"));
        folder.setComments(japanese("年度のまとまり"));
        folder.getCodeList().add(YEAR_2025);
        return folder;
    }

    static Author author() {
        Author author = new Author();
        author.setAuthorPerson(doctor());
        author.getAuthorInstitution().add(
                new Organization("試験健診センター", "1319900013", INSTITUTIONS));
        author.getAuthorRole().add(new Identifiable("医師"));
        author.getAuthorSpecialty().add(new Identifiable("健診"));
        return author;
    }

    private static Person doctor() {
        return new Person(new Identifiable("D-12", INSTITUTIONS),
                new XcnName("試験", "花子", null, null, null, null));
    }

    private static PatientInfo demographics() {
        PatientInfo info = new PatientInfo();
        info.getIds().add(LOCAL_ID);
        info.getNames().add(new XpnName("試験", "太郎", null, null, null, null));
        info.setDateOfBirth("19800401");
        info.setGender("M");
        return info;
    }
}
