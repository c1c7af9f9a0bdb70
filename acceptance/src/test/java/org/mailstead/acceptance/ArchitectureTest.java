package org.mailstead.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// The arrows of docs/architecture/overview.md and the rules of the style guide that a program can
/// check.
@AnalyzeClasses(packages = "org.mailstead", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule ARROWS_POINT_ONE_WAY =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("base")
          .definedBy("org.mailstead.base..")
          .layer("formats")
          .definedBy("org.mailstead.formats..")
          .layer("store")
          .definedBy("org.mailstead.store", "org.mailstead.store.backup..")
          .layer("rocksdb")
          .definedBy("org.mailstead.store.rocksdb..")
          .layer("core")
          .definedBy("org.mailstead.core..")
          .layer("smtp")
          .definedBy("org.mailstead.smtp..")
          .layer("imap")
          .definedBy("org.mailstead.imap..")
          .layer("managesieve")
          .definedBy("org.mailstead.managesieve..")
          .layer("http")
          .definedBy("org.mailstead.http")
          .layer("aws")
          .definedBy("org.mailstead.http.aws..")
          .layer("workmail")
          .definedBy("org.mailstead.workmail..")
          .layer("mailflow")
          .definedBy("org.mailstead.mailflow..")
          .layer("migration")
          .definedBy("org.mailstead.migration..")
          .layer("interop")
          .definedBy("org.mailstead.interop..")
          .layer("server")
          .definedBy("org.mailstead.server..")
          .layer("benchmarks")
          .definedBy("org.mailstead.benchmarks..")
          .withOptionalLayers(true)
          // Failure kinds are vocabulary: whoever hears one may name it.
          .ignoreDependency(
              DescribedPredicate.alwaysTrue(), JavaClass.Predicates.assignableTo(Throwable.class))
          .whereLayer("server")
          .mayOnlyBeAccessedByLayers("benchmarks")
          .whereLayer("mailflow")
          .mayOnlyBeAccessedByLayers("server", "benchmarks")
          .whereLayer("migration")
          .mayOnlyBeAccessedByLayers("server", "benchmarks")
          .whereLayer("interop")
          .mayOnlyBeAccessedByLayers("server", "benchmarks")
          .whereLayer("workmail")
          .mayOnlyBeAccessedByLayers("migration", "server", "benchmarks")
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("aws", "workmail", "migration", "server", "benchmarks")
          .whereLayer("aws")
          .mayOnlyBeAccessedByLayers("workmail", "mailflow", "migration", "server", "benchmarks")
          .whereLayer("imap")
          .mayOnlyBeAccessedByLayers("migration", "server", "benchmarks")
          .whereLayer("managesieve")
          .mayOnlyBeAccessedByLayers("server", "benchmarks")
          .whereLayer("smtp")
          .mayOnlyBeAccessedByLayers("mailflow", "server", "benchmarks")
          .whereLayer("core")
          .mayOnlyBeAccessedByLayers(
              "smtp",
              "imap",
              "managesieve",
              "http",
              "aws",
              "workmail",
              "mailflow",
              "interop",
              "server",
              "benchmarks")
          .whereLayer("rocksdb")
          .mayOnlyBeAccessedByLayers("server", "benchmarks")
          .whereLayer("store")
          .mayOnlyBeAccessedByLayers("rocksdb", "core", "server", "benchmarks")
          .whereLayer("formats")
          .mayOnlyBeAccessedByLayers(
              "core",
              "smtp",
              "imap",
              "managesieve",
              "http",
              "workmail",
              "mailflow",
              "migration",
              "server",
              "benchmarks");

  @ArchTest
  static final ArchRule ONLY_SERVER_KNOWS_THE_REAL_STORE =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "org.mailstead.store.rocksdb..",
              "org.mailstead.server..",
              "org.mailstead.benchmarks..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.rocksdb..", "org.mailstead.store.rocksdb..");

  @ArchTest
  static final ArchRule ONLY_HTTP_KNOWS_ITS_ENGINE =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.mailstead.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.eclipse.jetty..");

  @ArchTest
  static final ArchRule ONLY_INTEROP_KNOWS_LDAP =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.mailstead.interop..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.unboundid..");

  @ArchTest
  static final ArchRule PROTOCOLS_DO_NOT_TOUCH_KEYS_AND_BATCHES =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.mailstead.smtp..",
              "org.mailstead.imap..",
              "org.mailstead.managesieve..",
              "org.mailstead.http..",
              "org.mailstead.workmail..",
              "org.mailstead.mailflow..",
              "org.mailstead.migration..",
              "org.mailstead.interop..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "org\\.mailstead\\.store\\.(Store|WriteBatch|Collection|Range|Page|Row|PartitionId|Blobs)");

  @ArchTest
  static final ArchRule CLIENT_AND_SERVER_OF_A_PROTOCOL_NEVER_MEET =
      noClasses()
          .that()
          .resideInAnyPackage("org.mailstead.imap.client..", "org.mailstead.smtp.client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.mailstead.imap.server..", "org.mailstead.smtp.server..");

  @ArchTest
  static final ArchRule WIRE_KNOWS_NO_DOMAIN =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.mailstead.imap.wire..",
              "org.mailstead.managesieve.wire..",
              "org.mailstead.smtp.wire..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.mailstead.core..", "org.mailstead.store..");

  @ArchTest
  static final ArchRule CLASSES_ARE_FINAL_OR_SEALED =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .areNotInterfaces()
          .and()
          .areNotAssignableTo(Throwable.class)
          .and(isNotSealed())
          .and()
          .doNotHaveModifier(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
          .and()
          .resideOutsideOfPackage("org.mailstead.benchmarks..")
          .should()
          .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(".*(Impl|Manager|Helper|Utils?|Common)")
          .orShould()
          .haveNameMatching(".*\\.(Abstract|Base(?!Subject)|Default)[A-Z][A-Za-z]*");

  @ArchTest
  static final ArchRule TIME_COMES_THROUGH_CONSTRUCTORS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.mailstead.core..",
              "org.mailstead.store..",
              "org.mailstead.imap..",
              "org.mailstead.mailflow..",
              "org.mailstead.migration..",
              "org.mailstead.interop..",
              "org.mailstead.workmail..")
          .should()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.LocalDate.class, "now")
          .orShould()
          .callMethod(java.time.OffsetDateTime.class, "now");

  private static DescribedPredicate<JavaClass> isNotSealed() {
    return DescribedPredicate.describe(
        "are not sealed",
        c -> {
          Class<?> type = c.reflect();
          return !type.isSealed() && !type.isEnum() && !type.getName().endsWith("package-info");
        });
  }
}
