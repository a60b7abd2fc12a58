package dev.holdfast.proxy;

import java.util.List;

/** The observers and the editor of responses. Immutable. */
public record Interceptors(List<ExchangeObserver> observers, ResponseEditor editor) {
  /** No observers and no editing. */
  public static final Interceptors NONE = new Interceptors(List.of(), ResponseEditor.NONE);

  /** Observers are called in this order. */
  public Interceptors {
    observers = List.copyOf(observers);
  }

  void answered(ExchangeObserver.Exchange exchange) {
    for (ExchangeObserver observer : observers) {
      observer.answered(exchange);
    }
  }
}
