package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.http.HttpHeaders;

final class S3BucketTest extends BucketContract {
  private static final ObjectKey KEY = new ObjectKey("folder/object");
  private static final AwsLimits QUICK =
      new AwsLimits(
          4,
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          Duration.ofSeconds(2),
          1 << 20);

  private final List<Duration> pauses = new ArrayList<>();
  private FakeS3 s3;
  private AwsClient client;

  @BeforeEach
  void start() throws Exception {
    s3 = new FakeS3().bucket("mail-exports");
    client = new AwsClient(InstantSource.system(), new Random(1), pauses::add, QUICK);
  }

  @AfterEach
  void stop() {
    client.close();
    s3.close();
  }

  @Override
  protected Bucket bucket() {
    return new S3Bucket(client, s3.settings(), "mail-exports");
  }

  @Override
  protected Bucket missing() {
    return new S3Bucket(client, s3.settings(), "no-bucket");
  }

  @Test
  void busyServicesAreAskedAgainWithPausesThatGrow() throws Exception {
    s3.plant(
        new FakeS3.Fault(503, "SlowDown", false),
        new FakeS3.Fault(500, "InternalError", false),
        new FakeS3.Fault(0, "", false));
    bucket().put(KEY, "kept".getBytes(UTF_8));
    assertThat(s3.object("mail-exports", "folder/object")).contains("kept".getBytes(UTF_8));
    assertThat(pauses).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(pauses.get(i)).isLessThanOrEqualTo(Duration.ofMillis(100L << i));
    }
  }

  @Test
  void afterTheLastTryTheBucketIsUnavailable() {
    for (int i = 0; i < 4; i++) s3.plant(new FakeS3.Fault(503, "SlowDown", false));
    assertThatThrownBy(() -> bucket().put(KEY, new byte[1]))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("SlowDown");
    assertThat(s3.log()).hasSize(4);
  }

  @Test
  void aCompletionWhoseAnswerWasLostCounts() throws Exception {
    try (ObjectUpload upload = bucket().upload(KEY, Bucket.Encryption.OF_THE_BUCKET)) {
      upload.write(new byte[S3Bucket.PART_BYTES + 1]);
      // The last part goes well, then the completion is carried out and the answer lost.
      s3.plant(new FakeS3.Fault(503, "SlowDown", false));
      s3.plant(new FakeS3.Fault(503, "SlowDown", false));
      upload.complete();
    }
    assertThat(bucket().findLength(KEY)).contains(S3Bucket.PART_BYTES + 1L);

    ObjectKey second = new ObjectKey("second");
    S3Bucket s3Bucket = new S3Bucket(client, s3.settings(), "mail-exports");
    String id = s3Bucket.createUpload(second, Bucket.Encryption.OF_THE_BUCKET);
    String tag = s3Bucket.putPart(second, id, 1, new byte[7], 7);
    s3.plant(new FakeS3.Fault(500, "InternalError", true));
    s3Bucket.completeUpload(second, id, List.of(tag), 7);
    assertThat(bucket().findLength(second)).contains(7L);
  }

  @Test
  void anUploadThatIsGivenUpLeavesNoParts() throws Exception {
    try (ObjectUpload upload = bucket().upload(KEY, Bucket.Encryption.OF_THE_BUCKET)) {
      upload.write(new byte[S3Bucket.PART_BYTES + 1]);
      assertThat(s3.uploadsUnderWay()).isEqualTo(1);
    }
    assertThat(s3.uploadsUnderWay()).isZero();
  }

  @Test
  void theKeyOfTheKeyServiceIsNamedInBothKindsOfUpload() throws Exception {
    String arn = "arn:aws:kms:eu-test-1:111122223333:key/0b0d";
    for (int size : new int[] {3, S3Bucket.PART_BYTES + 3}) {
      try (ObjectUpload upload = bucket().upload(KEY, Bucket.Encryption.kms(arn))) {
        upload.write(new byte[size]);
        upload.complete();
      }
      assertThat(s3.kmsKey("mail-exports", "folder/object")).contains(arn);
      bucket().delete(KEY);
    }
  }

  @Test
  void aChangedOctetAndAStalledAnswerAreNoticed() {
    bucket().put(KEY, new byte[100_000]);
    s3.corrupt(true);
    assertThatThrownBy(() -> bucket().find(KEY).orElseThrow().readAllBytes())
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("checksum");
    s3.corrupt(false);
    s3.stall(true);
    assertThatThrownBy(() -> bucket().find(KEY).orElseThrow().readAllBytes())
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("broke off");
  }

  @Test
  void wrongCredentialsAreForbiddenAndNeverInTheText() {
    var wrong =
        new S3Settings(
            Optional.of(s3.endpoint()),
            FakeS3.REGION,
            true,
            new Credentials(FakeS3.CREDENTIALS.accessKeyId(), "not this secret"));
    assertThatThrownBy(() -> new S3Bucket(client, wrong, "mail-exports").put(KEY, new byte[1]))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("SignatureDoesNotMatch")
        .hasMessageNotContaining("not this secret")
        .extracting(e -> ((RefusedException) e).refusal())
        .isEqualTo(Refusal.FORBIDDEN);
  }

  @Test
  void aServiceThatIsAwayIsUnavailable() {
    s3.close();
    assertThatThrownBy(() -> bucket().find(KEY)).isInstanceOf(UnavailableException.class);
  }

  @Test
  void bucketsAreInTheHostOrInThePath() {
    var aws = new S3Settings(Optional.empty(), "eu-west-1", false, FakeS3.CREDENTIALS);
    assertThat(new S3Bucket(client, aws, "my-bucket").address())
        .isEqualTo("https://my-bucket.s3.eu-west-1.amazonaws.com/");
    assertThat(new S3Bucket(client, aws, "my.bucket").address())
        .isEqualTo("https://s3.eu-west-1.amazonaws.com/my.bucket/");
    var own =
        new S3Settings(
            Optional.of(URI.create("http://s3.local:9000")), "x", false, FakeS3.CREDENTIALS);
    assertThat(new S3Bucket(client, own, "bkt").address()).isEqualTo("http://bkt.s3.local:9000/");
  }

  /// The examples of "Signature Calculations for the Authorization Header" in the S3 API reference.
  @Test
  void signaturesAreThoseOfTheReference() {
    var signer =
        new SigV4Signer(
            new Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            "us-east-1",
            "s3");
    Instant time = Instant.parse("2013-05-24T00:00:00Z");
    HttpHeaders host = HttpHeaders.of("Host", "examplebucket.s3.amazonaws.com");
    String empty = SigV4.hash(new byte[0]);
    assertThat(
            signer
                .signForS3(time, "GET", "/test.txt", "", host.with("Range", "bytes=0-9"), empty)
                .first("Authorization")
                .orElseThrow())
        .endsWith("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    assertThat(
            signer
                .signForS3(
                    time,
                    "PUT",
                    "/test%24file.text",
                    "",
                    host.with("Date", "Fri, 24 May 2013 00:00:00 GMT")
                        .with("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                    SigV4.hash("Welcome to Amazon S3.".getBytes(UTF_8)))
                .first("Authorization")
                .orElseThrow())
        .endsWith("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    assertThat(
            signer
                .signForS3(time, "GET", "/", "max-keys=2&prefix=J", host, empty)
                .first("Authorization")
                .orElseThrow())
        .endsWith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  }
}
