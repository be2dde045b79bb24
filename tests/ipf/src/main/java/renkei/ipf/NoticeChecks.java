package renkei.ipf;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssigningAuthority;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/** ITI-46: IPF is told of the identifiers of persons, and by its validator nothing is wrong with how. */
final class NoticeChecks extends Scene {
    private static final String ID =
            "/v3:PRPA_IN201302UV02/v3:controlActProcess/v3:subject/v3:registrationEvent/v3:subject1/v3:patient/v3:id";
    private final Notices notices;

    NoticeChecks(Stranger stranger, Checks checks, Notices notices) {
        super(stranger, checks);
        this.notices = notices;
    }

    @Override
    void run() {
        checks.that("ITI-46", "a consumer is told of all numbers in its domains", () -> {
            Somebody whom = Somebody.at(stranger.house());
            List<Identifiable> numbers = new ArrayList<>();
            for (String domain : Notices.DOMAINS) {
                String number = UUID.randomUUID().toString().replace("-", "");
                numbers.add(new Identifiable(number, new AssigningAuthority(domain, "ISO")));
            }
            stranger.iti44(Registration.added(whom, numbers).xml());
            V3 notice = notices.next();
            Expect.equal(Set.of(numbers.get(0).getId(), numbers.get(1).getId()),
                    Set.copyOf(notice.texts(ID + "/@extension")));
            Expect.equal(2, notice.texts(ID + "/@assigningAuthorityName").size());
        });
    }
}
