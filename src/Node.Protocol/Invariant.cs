using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Node.Protocol;

/// <summary>States what must be true. A failure is a bug in this program, never a fault of the outside world.</summary>
public static class Invariant
{
    /// <summary>Checked in every build.</summary>
    /// <param name="because">Why it holds, in words that help whoever reads the crash.</param>
    /// <exception cref="InvariantViolatedException">The condition is false. The process must end.</exception>
    public static void Require(
        [DoesNotReturnIf(false)] bool condition,
        string because,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition)
            Throw(because, expression);
    }

    /// <summary>For the arm of a switch that cannot be taken.</summary>
    /// <exception cref="InvariantViolatedException">Always. The process must end.</exception>
    [DoesNotReturn, StackTraceHidden]
    public static Exception Unreachable(string because) =>
        throw new InvariantViolatedException($"This point was reached, and must not be: {because}");

    [DoesNotReturn, StackTraceHidden]
    private static void Throw(string because, string expression) =>
        throw new InvariantViolatedException($"{expression} does not hold: {because}");
}
