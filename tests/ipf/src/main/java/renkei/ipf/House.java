package renkei.ipf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** The running Renkei: its ready line, and an identity for each role that this program plays. */
final class House {
    /** The roles, by the folders of their identities. */
    enum Role {
        SOURCE, CONSUMER, REPOSITORY, ADMINISTRATOR, FEED, GATEWAY;

        String folder() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final JsonNode ready;
    private final Map<Role, Identity> identities = new EnumMap<>(Role.class);

    House(Path readyLine, Path folder) throws Exception {
        ready = new ObjectMapper().readTree(readyLine.toFile());
        for (Role role : Role.values()) {
            identities.put(role, new Identity(folder.resolve(role.folder())));
        }
    }

    Identity identity(Role role) {
        return identities.get(role);
    }

    /** An endpoint's address without its scheme, which is how Camel takes it. */
    String address(String endpoint) throws IOException {
        String url = ready.path("endpoints").path(endpoint).asText("");
        int scheme = url.indexOf("://");
        if (scheme < 0) {
            throw new IOException("the house serves no " + endpoint);
        }
        return url.substring(scheme + 3);
    }

    String repositoryUniqueId() {
        return ready.path("repository_unique_id").asText();
    }

    String homeCommunityId() {
        return ready.path("home_community_id").asText();
    }

    String assigningAuthority() {
        return ready.path("assigning_authority").asText();
    }
}
