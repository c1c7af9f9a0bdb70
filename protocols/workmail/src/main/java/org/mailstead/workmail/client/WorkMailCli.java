package org.mailstead.workmail.client;

import java.io.IOException;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.mailstead.http.aws.Credentials;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `mailstead workmail <operation> …`: every operation of the API in the AWS CLI's style, made from
/// the model. Exit codes are the AWS CLI's.
public final class WorkMailCli {
  public static final int DONE = 0;
  public static final int WRONG_USAGE = 252;
  public static final int REFUSED = 254;
  public static final int NO_ANSWER = 255;

  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final ServiceModel model = new ServiceModel();
  private final PrintStream out;
  private final PrintStream err;

  private WorkMailCli(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /// Carries one command out.
  ///
  /// @param args the operation in kebab-case and its flags; or `help`
  /// @return the exit code
  public static int run(
      List<String> args,
      PrintStream out,
      PrintStream err,
      Endpoint endpoint,
      Credentials credentials) {
    WorkMailCli cli = new WorkMailCli(out, err);
    if (isHelp(args)) return cli.help(args);
    Optional<String> operation = cli.model.find(args.get(0));
    if (operation.isEmpty()) return cli.unknown(args.get(0));
    Arguments.Parsed parsed;
    try {
      parsed = Arguments.parse(cli.model, operation.get(), args.subList(1, args.size()));
    } catch (Arguments.UsageException e) {
      err.println("mailstead workmail " + args.get(0) + ": " + e.text());
      return WRONG_USAGE;
    }
    try (WorkMailClient client =
        new WorkMailClient(endpoint, credentials, InstantSource.system())) {
      return cli.call(client, operation.get(), parsed);
    }
  }

  /// Whether the words only ask for help, which needs no server and no credentials.
  public static boolean isHelp(List<String> args) {
    return args.isEmpty()
        || args.get(0).equals("help")
        || args.get(0).equals("--help")
        || (args.size() > 1 && (args.get(1).equals("help") || args.get(1).equals("--help")));
  }

  /// Prints the operations, or the members of one.
  public static int help(List<String> args, PrintStream out, PrintStream err) {
    return new WorkMailCli(out, err).help(args);
  }

  private int help(List<String> args) {
    boolean one = args.size() > 1 || (args.size() == 1 && !args.get(0).endsWith("help"));
    if (!one) {
      out.println("usage: mailstead workmail <operation> [--member value …]");
      out.println("       mailstead workmail <operation> help");
      out.println();
      model.operations().forEach(name -> out.println("  " + ServiceModel.kebab(name)));
      return DONE;
    }
    String word = args.get(0).endsWith("help") ? args.get(1) : args.get(0);
    Optional<String> operation = model.find(word);
    if (operation.isEmpty()) return unknown(word);
    out.println("usage: mailstead workmail " + word + " [--member value …]");
    out.println();
    String documentation = model.documentation(operation.get());
    if (!documentation.isEmpty()) out.println(documentation + "\n");
    for (ServiceModel.Member member : model.input(operation.get())) {
      out.println(
          "  --%-36s %s%s"
              .formatted(
                  member.flag(), described(member.type()), member.required() ? " (required)" : ""));
      if (!member.documentation().isEmpty()) out.println(" ".repeat(41) + member.documentation());
    }
    return DONE;
  }

  private String described(ServiceModel.Type type) {
    return switch (type) {
      case ServiceModel.Type.Text text ->
          text.choices().isEmpty() ? "text" : String.join(" | ", text.choices());
      case ServiceModel.Type.Numeric() -> "number";
      case ServiceModel.Type.Flag() -> "flag, or with --no- before its name";
      case ServiceModel.Type.Items items -> "list of " + described(items.element());
      case ServiceModel.Type.Structure structure ->
          model.members(structure.shape()).stream()
              .map(ServiceModel.Member::name)
              .toList()
              .toString()
              .replace("[", "JSON or {")
              .replace("]", "}");
    };
  }

  private int unknown(String word) {
    err.println("mailstead workmail: unknown operation " + word + "; help lists them");
    return WRONG_USAGE;
  }

  private int call(WorkMailClient client, String operation, Arguments.Parsed parsed) {
    for (ServiceModel.Member member : model.input(operation)) {
      if (member.idempotencyToken() && !parsed.input().has(member.name())) {
        parsed.input().put(member.name(), UUID.randomUUID().toString());
      }
    }
    try {
      ObjectNode answer = client.call(operation, parsed.input());
      if (parsed.paginate()) addPages(client, operation, parsed.input(), answer);
      if (!answer.isEmpty()) out.println(PRETTY.writeValueAsString(answer));
      return DONE;
    } catch (ApiException e) {
      err.println(
          "An error occurred (%s) when calling the %s operation: %s"
              .formatted(e.code(), operation, e.text()));
      return REFUSED;
    } catch (IOException e) {
      err.println("mailstead workmail: no answer from the service: " + e.getMessage());
      return NO_ANSWER;
    }
  }

  /// Fetches the pages that follow and joins their lists to the first page's.
  private static void addPages(
      WorkMailClient client, String operation, ObjectNode input, ObjectNode answer)
      throws IOException {
    Optional<String> key = Operation.find(operation).flatMap(Operation::resultKey);
    if (key.isEmpty()) return;
    JsonNode token = answer.remove("NextToken");
    while (token != null && token.isString()) {
      input.put("NextToken", token.stringValue());
      ObjectNode page = client.call(operation, input);
      if (page.get(key.get()) instanceof ArrayNode more
          && answer.get(key.get()) instanceof ArrayNode all) {
        all.addAll(more);
      }
      token = page.get("NextToken");
    }
  }
}
