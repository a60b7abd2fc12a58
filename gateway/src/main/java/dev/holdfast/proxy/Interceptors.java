package dev.holdfast.proxy;

import java.util.List;

/** Who sees responses, and who changes some. Immutable. */
public record Interceptors(List<ExchangeObserver> observers, ResponseEditor editor) {
  /** Nobody. */
  public static final Interceptors NONE = new Interceptors(List.of(), ResponseEditor.NONE);

  /** Those who see responses in their order. */
  public Interceptors {
    observers = List.copyOf(observers);
  }

  void answered(ExchangeObserver.Exchange exchange) {
    for (ExchangeObserver observer : observers) {
      observer.answered(exchange);
    }
  }
}
