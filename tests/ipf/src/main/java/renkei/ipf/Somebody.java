package renkei.ipf;

import static java.util.stream.Collectors.joining;

import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/**
 * A fictitious person whose name in kana nobody else has.
 *
 * @param id as whom the person is known
 * @param kana the given name in kana
 * @param birth the day of birth, YYYYMMDD
 * @param street an address; empty when nobody knows it
 * @param card the card of the insured person; empty when nobody knows it
 */
record Somebody(Identifiable id, String kana, String birth, String street, String card) {
    /** Whose cards are known in every community; a setting of the house. */
    static final String INSURED = "1.2.392.200119.9.3";
    private static final String LETTERS = "アイウエオカキクケコサシスセソタ";

    /** Somebody new. */
    static Somebody at(House house) {
        String kana = UUID.randomUUID().toString().replace("-", "").chars()
                .mapToObj(c -> LETTERS.substring(Character.digit(c, 16), Character.digit(c, 16) + 1))
                .collect(joining());
        return new Somebody(Sample.patient(house), kana, "19750412", "", "");
    }

    /** Another person who is called the same and was born on the same day: on one card, another of its people. */
    Somebody namesake(House house) {
        return new Somebody(Sample.patient(house), kana, birth, street, card.replaceAll(":01$", ":02"));
    }

    Somebody as(Identifiable id) {
        return new Somebody(id, kana, birth, street, card);
    }

    Somebody born(String birth) {
        return new Somebody(id, kana, birth, street, card);
    }

    Somebody living(String street) {
        return new Somebody(id, kana, birth, street, card);
    }

    /** With a card of their own: insurer, symbol, number, branch. */
    Somebody insured() {
        String number = UUID.randomUUID().toString().replace("-", "");
        return new Somebody(id, kana, birth, street, "138057:12:" + number + ":01");
    }
}
