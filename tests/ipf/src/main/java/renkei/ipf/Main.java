package renkei.ipf;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.logging.LogManager;

/** Checks a running house from outside; ends with 1 when a check fails. */
public final class Main {
    private static final String USAGE = """
            arguments: READY_LINE IDENTITIES CHECKS REPORT PORT [--whole] [--list]
              READY_LINE  file with the ready line of `renkei serve`
              IDENTITIES  folder with an identity for each role and one for the listener
              CHECKS      the list of all checks
              REPORT      where the outcome of each check is written
              PORT        where asynchronous answers may be sent to, below /replies
              --whole     the long checks, too
              --list      writes CHECKS instead of comparing with it""";

    private Main() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 5) {
            System.err.println(USAGE);
            System.exit(2);
        }
        List<String> options = Arrays.asList(args).subList(5, args.length);
        LogManager.getLogManager().reset();
        House house = new House(Path.of(args[0]), Path.of(args[1]));
        Checks checks = new Checks(options.contains("--whole"));
        Path listener = Path.of(args[1]).resolve("listener");
        try (Replies replies = new Replies(Integer.parseInt(args[4]), listener);
                Stranger stranger = new Stranger(house, replies)) {
            run(stranger, checks);
            new AsynchronousChecks(stranger, checks, replies).run();
        }
        checks.report(Path.of(args[3]));
        if (options.contains("--list")) {
            checks.list(Path.of(args[2]));
        } else {
            checks.compare(Path.of(args[2]));
        }
        System.exit(checks.passed() ? 0 : 1);
    }

    private static void run(Stranger stranger, Checks checks) throws Exception {
        new FeedChecks(stranger, checks).run();
        new SubmissionChecks(stranger, checks).run();
        new RetrieveChecks(stranger, checks).run();
        CheckupRecord record = new CheckupRecord(stranger, checks);
        record.run();
        new QueryChecks(stranger, checks, record).run();
        new GetChecks(stranger, checks, record).run();
        new PatientsChecks(stranger, checks, record).run();
        new UpdateChecks(stranger, checks).run();
        new RemoveChecks(stranger, checks).run();
        new OnDemandChecks(stranger, checks).run();
        new HapiChecks(stranger, checks).run();
        new RoleChecks(stranger, checks).run();
    }
}
