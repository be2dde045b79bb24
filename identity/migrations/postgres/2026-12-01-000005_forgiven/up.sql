-- How often other communities were forgiven what they did wrong (ITI TF-2: 3.38.4.1.3), by the name of what is
-- forgiven. It is of no person.
CREATE TABLE forgiven (
    home TEXT NOT NULL, -- homeCommunityId
    quirk TEXT NOT NULL, -- its name
    times BIGINT NOT NULL, -- once each object of an answer
    last BIGINT NOT NULL, -- when it was forgiven last, microseconds since 1970
    PRIMARY KEY (home, quirk)
);
