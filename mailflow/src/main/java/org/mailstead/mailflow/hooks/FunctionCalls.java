package org.mailstead.mailflow.hooks;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.http.aws.FunctionClient;
import org.mailstead.http.aws.FunctionClient.Answer;
import org.mailstead.http.aws.FunctionClient.Endpoint;

/// Calls the functions of rules, so many at once in all and for one organization; who comes later
/// waits for its turn. Thread-safe.
public final class FunctionCalls {
  private final FunctionRoutes routes;
  private final FunctionClient client;
  private final FlowMessages messages;
  private final Duration timeout;
  private final Semaphore all = new Semaphore(HookLimits.CALLS_MAX);
  private final Map<OrganizationId, Semaphore> each = new ConcurrentHashMap<>();

  /// @param messages where functions find contents
  public FunctionCalls(FunctionRoutes routes, FunctionClient client, FlowMessages messages) {
    this(routes, client, messages, HookLimits.ANSWER_TIME_MAX);
  }

  /// @param timeout of a call
  public FunctionCalls(
      FunctionRoutes routes, FunctionClient client, FlowMessages messages, Duration timeout) {
    this.routes = routes;
    this.client = client;
    this.messages = messages;
    this.timeout = timeout;
  }

  public FlowMessages messages() {
    return messages;
  }

  /// Waits for a turn, then for the answer.
  ///
  /// @throws InterruptedException while waiting for the turn
  public Answer call(OrganizationId organization, EntryHook.Call call, FunctionEvent event)
      throws InterruptedException {
    Optional<Endpoint> endpoint = routes.find(organization, call.functionArn());
    if (endpoint.isEmpty()) {
      return new Answer.Failed("no endpoint is set up for " + call.functionArn());
    }
    Semaphore own =
        each.computeIfAbsent(
            organization, _ -> new Semaphore(HookLimits.CALLS_PER_ORGANIZATION_MAX));
    own.acquire();
    try {
      all.acquire();
      try {
        return client.invoke(
            endpoint.get(),
            call.functionArn(),
            call.isSynchronous(),
            event.json(),
            timeout,
            HookLimits.ANSWER_BYTES_MAX);
      } finally {
        all.release();
      }
    } finally {
      own.release();
    }
  }
}
