package renkei.ipf;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.logging.LogManager;

/** Checks running houses from outside; ends with 1 when a check fails. */
public final class Main {
    private static final String USAGE = """
            arguments: CHECKS {READY_LINE IDENTITIES REPORT PORT} [--list]
              CHECKS      the list of all checks
            for each house:
              READY_LINE  file with the ready line of `renkei serve`
              IDENTITIES  folder with an identity for each role and one for the listener
              REPORT      where the outcome of each check is written
              PORT        where asynchronous answers may be sent to, below /replies, and where IPF's own
                          communities answer that the house has entered
            options:
              --list      writes CHECKS instead of comparing with it""";
    private static final int WORDS_OF_A_HOUSE = 4;

    private Main() {}

    public static void main(String[] args) throws Exception {
        List<String> options = Arrays.stream(args).filter(word -> word.startsWith("--")).toList();
        List<String> words = Arrays.stream(args).filter(word -> !word.startsWith("--")).toList();
        if (words.size() < 1 + WORDS_OF_A_HOUSE || words.size() % WORDS_OF_A_HOUSE != 1) {
            System.err.println(USAGE);
            System.exit(2);
        }
        LogManager.getLogManager().reset();
        // one process for all houses: most of the time of the first goes into starting it
        boolean passed = true;
        for (int at = 1; at < words.size(); at += WORDS_OF_A_HOUSE) {
            passed &= check(words.get(0), words.subList(at, at + WORDS_OF_A_HOUSE), options);
        }
        System.exit(passed ? 0 : 1);
    }

    private static boolean check(String list, List<String> place, List<String> options) throws Exception {
        Path identities = Path.of(place.get(1));
        Path report = Path.of(place.get(2));
        House house = new House(Path.of(place.get(0)), identities);
        Checks checks = new Checks();
        Neighbour neighbour = new Neighbour("neighbour", "urn:oid:1.2.392.200119.9.55");
        Neighbour far = new Neighbour("far", "urn:oid:1.2.392.200119.9.57");
        Directory directory = new Directory(far.home);
        Notices notices = new Notices();
        System.out.println("house: " + report.getFileName());
        try (Replies replies = new Replies(Integer.parseInt(place.get(3)), identities.resolve("listener"));
                Stranger stranger = new Stranger(house, replies,
                        neighbour.routes(), far.routes(), directory.routes("far55"), notices.routes("notices"))) {
            run(stranger, checks);
            new ExampleChecks(checks, Path.of(list).resolveSibling("../../docs/examples")).run();
            new NoticeChecks(stranger, checks, notices).run();
            new AsynchronousChecks(stranger, checks, replies).run();
            new GatewayChecks(stranger, checks, replies).run();
            new NeighbourChecks(stranger, checks, neighbour).run();
            new DiscoveryChecks(stranger, checks, replies).run();
            new AcquaintanceChecks(stranger, checks, far, directory).run();
            new LocationChecks(stranger, checks, far, directory).run();
        }
        checks.report(report);
        if (options.contains("--list")) {
            checks.list(Path.of(list));
        } else {
            checks.compare(Path.of(list));
        }
        return checks.passed();
    }

    private static void run(Stranger stranger, Checks checks) throws Exception {
        new FeedChecks(stranger, checks).run();
        new RegistrationChecks(stranger, checks).run();
        new IdentifierChecks(stranger, checks).run();
        new PublishedChecks(stranger, checks).run();
        new SubmissionChecks(stranger, checks).run();
        new RetrieveChecks(stranger, checks).run();
        CheckupRecord record = new CheckupRecord(stranger, checks);
        record.run();
        new QueryChecks(stranger, checks, record).run();
        new GetChecks(stranger, checks, record).run();
        new PatientsChecks(stranger, checks, record).run();
        new UpdateChecks(stranger, checks).run();
        new PersonChecks(stranger, checks).run();
        new MoveChecks(stranger, checks).run();
        new RemoveChecks(stranger, checks).run();
        new OnDemandChecks(stranger, checks).run();
        new HapiChecks(stranger, checks).run();
        new RoleChecks(stranger, checks).run();
    }
}
