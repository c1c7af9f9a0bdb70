package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// What every [Bucket] does.
public abstract class BucketContract {
  /// A bucket without objects.
  protected abstract Bucket bucket();

  /// A bucket that is not there.
  protected abstract Bucket missing();

  private static ObjectKey key(String text) {
    return new ObjectKey(text);
  }

  private static byte[] read(Bucket bucket, String key) throws Exception {
    try (InputStream in = bucket.find(key(key)).orElseThrow()) {
      return in.readAllBytes();
    }
  }

  @Test
  void whatIsPutIsFoundUntilItIsDeleted() throws Exception {
    Bucket bucket = bucket();
    assertThat(bucket.find(key("a/b.txt"))).isEmpty();
    assertThat(bucket.findLength(key("a/b.txt"))).isEmpty();
    bucket.put(key("a/b.txt"), "first".getBytes(UTF_8));
    bucket.put(key("a/b.txt"), "second one".getBytes(UTF_8));
    assertThat(read(bucket, "a/b.txt")).asString(UTF_8).isEqualTo("second one");
    assertThat(bucket.findLength(key("a/b.txt"))).contains(10L);
    bucket.delete(key("a/b.txt"));
    bucket.delete(key("a/b.txt"));
    assertThat(bucket.find(key("a/b.txt"))).isEmpty();
    assertThat(bucket.list("", Optional.empty()).objects()).isEmpty();
  }

  @Test
  void piecesAreReadFromAnyPlace() {
    bucket().put(key("a"), "0123456789".getBytes(UTF_8));
    assertThat(bucket().findRange(key("a"), 3, 4).orElseThrow()).asString(UTF_8).isEqualTo("3456");
    assertThat(bucket().findRange(key("a"), 8, 50).orElseThrow()).asString(UTF_8).isEqualTo("89");
    assertThat(bucket().findRange(key("a"), 10, 1).orElseThrow()).isEmpty();
    assertThat(bucket().findRange(key("none"), 0, 1)).isEmpty();
  }

  @Test
  void anEmptyObjectIsAnObject() throws Exception {
    bucket().put(key("nothing"), new byte[0]);
    assertThat(read(bucket(), "nothing")).isEmpty();
    assertThat(bucket().findLength(key("nothing"))).contains(0L);
  }

  @Test
  void namesMayHoldWhatFileNamesMayHold() throws Exception {
    for (String name :
        List.of("a b", "ü/ß€.eml", "50%+1&=?#", "a~b_c-d.(e)!*'", "x=y;z,@:$", "𝄞")) {
      bucket().put(key(name), name.getBytes(UTF_8));
      assertThat(read(bucket(), name)).asString(UTF_8).isEqualTo(name);
    }
    assertThat(bucket().list("", Optional.empty()).objects())
        .extracting(o -> o.key().value())
        .contains("a b", "ü/ß€.eml", "50%+1&=?#", "a~b_c-d.(e)!*'", "x=y;z,@:$", "𝄞");
  }

  @Test
  void objectsOfManyPartsComeBackAsTheyWere() throws Exception {
    for (int size :
        new int[] {S3Bucket.PART_BYTES, S3Bucket.PART_BYTES + 1, 2 * S3Bucket.PART_BYTES + 77}) {
      byte[] octets = new byte[size];
      new Random(size).nextBytes(octets);
      try (ObjectUpload upload = bucket().upload(key("large"), Bucket.Encryption.OF_THE_BUCKET)) {
        upload.write(octets[0]);
        upload.write(octets, 1, size - 1);
        upload.complete();
      }
      assertThat(read(bucket(), "large")).isEqualTo(octets);
      assertThat(bucket().findLength(key("large"))).contains((long) size);
    }
  }

  @Test
  void nobodySeesAnUploadThatWasNotCompleted() throws Exception {
    bucket().put(key("k"), "old".getBytes(UTF_8));
    try (ObjectUpload upload = bucket().upload(key("k"), Bucket.Encryption.OF_THE_BUCKET)) {
      upload.write(new byte[S3Bucket.PART_BYTES + 5]);
    }
    assertThat(read(bucket(), "k")).asString(UTF_8).isEqualTo("old");
    assertThat(bucket().list("", Optional.empty()).objects()).hasSize(1);
  }

  @Test
  void listingsAreSortedByOctetsAndComeInPages() {
    Bucket bucket = bucket();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < Bucket.PAGE_COUNT_MAX + 3; i++) keys.add("p/%05d".formatted(i));
    for (int i = keys.size() - 1; i >= 0; i--) bucket.put(key(keys.get(i)), new byte[i % 3]);
    bucket.put(key("q-other"), new byte[1]);
    List<String> seen = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      Bucket.ObjectPage page = bucket.list("p/", next);
      page.objects().forEach(o -> seen.add(o.key().value()));
      next = page.next();
    } while (next.isPresent());
    assertThat(seen).isEqualTo(keys);
    assertThat(bucket.list("p/0000", Optional.of("p/00007")).objects())
        .extracting(Bucket.ObjectSummary::bytes)
        .containsExactly(2L, 0L);
    assertThat(bucket.list("none", Optional.empty()).objects()).isEmpty();
  }

  @Test
  void keysThatAreNoPathsAreRefused() {
    for (String name :
        List.of(
            "",
            "/a",
            "a/",
            "a//b",
            "../a",
            "a/../b",
            ".",
            "a\nb",
            "a\\b",
            "x".repeat(256),
            "y/".repeat(512) + "y")) {
      assertThatThrownBy(() -> key(name))
          .isInstanceOf(RefusedException.class)
          .extracting(e -> ((RefusedException) e).refusal())
          .isEqualTo(Refusal.INVALID);
    }
  }

  @Test
  void aBucketThatIsNotThereIsNotFound() {
    for (Runnable each :
        List.<Runnable>of(
            () -> missing().put(key("k"), new byte[1]),
            () -> missing().find(key("k")),
            () -> missing().list("", Optional.empty()),
            () -> missing().delete(key("k")))) {
      assertThatThrownBy(each::run)
          .isInstanceOf(RefusedException.class)
          .extracting(e -> ((RefusedException) e).refusal())
          .isEqualTo(Refusal.NOT_FOUND);
    }
  }
}
