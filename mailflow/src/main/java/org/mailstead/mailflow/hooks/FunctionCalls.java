package org.mailstead.mailflow.hooks;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.http.aws.FunctionClient;
import org.mailstead.http.aws.FunctionClient.Answer;

/// Calls the functions of rules, so many at once in all and for one organization; who comes later
/// waits for its turn. Thread-safe.
public final class FunctionCalls {
  /// How a function is reached.
  @FunctionalInterface
  public interface Functions {
    /// @param event as JSON
    Answer invoke(OrganizationId organization, EntryHook.Call call, byte[] event);
  }

  private final Functions functions;
  private final FlowMessages messages;
  private final Semaphore all = new Semaphore(HookLimits.CALLS_MAX);
  private final Map<OrganizationId, Semaphore> each = new ConcurrentHashMap<>();

  /// @param messages where functions find contents
  public FunctionCalls(Functions functions, FlowMessages messages) {
    this.functions = functions;
    this.messages = messages;
  }

  /// By the Invoke API.
  ///
  /// @param timeout of a call
  public static Functions over(FunctionRoutes routes, FunctionClient client, Duration timeout) {
    return (organization, call, event) ->
        routes
            .find(organization, call.functionArn())
            .map(endpoint ->
                client.invoke(
                    endpoint,
                    call.functionArn(),
                    call.isSynchronous(),
                    event,
                    timeout,
                    HookLimits.ANSWER_BYTES_MAX))
            .orElseGet(() -> new Answer.Failed("no endpoint is set up for " + call.functionArn()));
  }

  public FlowMessages messages() {
    return messages;
  }

  /// Waits for a turn, then for the answer.
  ///
  /// @throws InterruptedException while waiting for the turn
  public Answer call(OrganizationId organization, EntryHook.Call call, FunctionEvent event)
      throws InterruptedException {
    Semaphore own =
        each.computeIfAbsent(
            organization, _ -> new Semaphore(HookLimits.CALLS_PER_ORGANIZATION_MAX));
    own.acquire();
    try {
      all.acquire();
      try {
        return functions.invoke(organization, call, event.json());
      } finally {
        all.release();
      }
    } finally {
      own.release();
    }
  }
}
