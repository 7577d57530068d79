"""The transport changes while events are on their way: none is lost, none happens twice, order is kept."""
