package dev.holdfast;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The sets of nodes of a graph that all reach each other, found by Tarjan's algorithm. */
public final class StronglyConnectedComponents {
  private final Map<String, Set<String>> edges;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final Map<String, Integer> lowLinks = new HashMap<>();
  private final Deque<String> stack = new ArrayDeque<>();
  private final List<Set<String>> found = new ArrayList<>();

  private StronglyConnectedComponents(Map<String, Set<String>> edges) {
    this.edges = edges;
  }

  /** Those of a graph, given as the successors of each node. */
  public static List<Set<String>> of(Map<String, Set<String>> edges) {
    var search = new StronglyConnectedComponents(edges);
    for (String node : edges.keySet()) {
      if (!search.indexes.containsKey(node)) {
        search.visit(node);
      }
    }
    return search.found;
  }

  /** Those of top-level classes that depend on each other inside a package. */
  public static List<Set<String>> insidePackages(Collection<JavaClass> classes) {
    Map<String, Set<String>> edges = new TreeMap<>();
    for (JavaClass type : classes) {
      Set<String> targets = edges.computeIfAbsent(topLevel(type), name -> new TreeSet<>());
      type.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(target -> target.getPackageName().equals(type.getPackageName()))
          .forEach(target -> targets.add(topLevel(target)));
    }
    return of(edges);
  }

  private static String topLevel(JavaClass type) {
    return type.getEnclosingClass()
        .map(StronglyConnectedComponents::topLevel)
        .orElse(type.getName());
  }

  private void visit(String node) {
    int index = indexes.size();
    indexes.put(node, index);
    lowLinks.put(node, index);
    stack.push(node);
    for (String next : edges.getOrDefault(node, Set.of())) {
      if (!indexes.containsKey(next)) {
        visit(next);
        lowLinks.merge(node, lowLinks.get(next), Math::min);
      } else if (stack.contains(next)) {
        lowLinks.merge(node, indexes.get(next), Math::min);
      }
    }
    if (lowLinks.get(node) == index) {
      found.add(popTo(node));
    }
  }

  private Set<String> popTo(String root) {
    Set<String> component = new TreeSet<>();
    while (!component.contains(root)) {
      component.add(stack.pop());
    }
    return component;
  }
}
