using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;
using Grpc.Core.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server
{
    /// <summary>Says of an endpoint which method it is.</summary>
    public sealed class GrpcMethodMetadata(Type serviceType, IMethod method)
    {
        public Type ServiceType { get; } = serviceType;

        public IMethod Method { get; } = method;
    }
}

namespace Microsoft.AspNetCore.Builder
{
    using Grpc.AspNetCore.Server;

    /// <summary>Adds to all endpoints of one service.</summary>
    public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
    {
        private readonly List<IEndpointConventionBuilder> _endpoints;

        internal GrpcServiceEndpointConventionBuilder(List<IEndpointConventionBuilder> endpoints) =>
            _endpoints = endpoints;

        public void Add(Action<EndpointBuilder> convention)
        {
            foreach (IEndpointConventionBuilder endpoint in _endpoints)
                endpoint.Add(convention);
        }
    }

    public static class GrpcEndpointRouteBuilderExtensions
    {
        // A service that has no such method is more exact an answer than a server that has no such service.
        private const int OrderOfService = int.MaxValue - 1;
        private const int OrderOfServer = int.MaxValue;

        /// <summary>Answers the methods of a service at <c>/package.Service/Method</c>.</summary>
        /// <remarks>
        /// Calls of methods nobody mapped are answered UNIMPLEMENTED, other requests are left to others.
        /// </remarks>
        /// <exception cref="InvalidOperationException">
        /// <c>AddGrpc</c> was not called, or the type is no generated service.
        /// </exception>
        public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
            where TService : class
        {
            ArgumentNullException.ThrowIfNull(builder);
            ServerMethodFactory factory = builder.ServiceProvider.GetService<ServerMethodFactory>()
                ?? throw new InvalidOperationException("gRPC is not among the services: call AddGrpc first.");
            var binder = new ServiceMethodBinder<TService>(factory);
            binder.Bind();

            var endpoints = new List<IEndpointConventionBuilder>();
            var services = new HashSet<string>(StringComparer.Ordinal);
            foreach ((IMethod method, ServerMethod target) in binder.Bound)
            {
                services.Add(method.ServiceName);
                endpoints.Add(builder.MapMethods(method.FullName, [HttpMethods.Post], target.InvokeAsync)
                    .WithDisplayName($"gRPC - {method.FullName}")
                    .WithMetadata(new GrpcMethodMetadata(typeof(TService), method)));
            }

            foreach (string service in services)
            {
                MapUnimplemented(
                    builder, $"{service}/{{unimplementedMethod}}", "Method is unimplemented.", OrderOfService);
            }

            if (factory.TryClaimFallback(builder))
            {
                MapUnimplemented(
                    builder,
                    "{unimplementedService}/{unimplementedMethod}",
                    "Service is unimplemented.",
                    OrderOfServer);
            }


            return new GrpcServiceEndpointConventionBuilder(endpoints);
        }

        private static void MapUnimplemented(IEndpointRouteBuilder builder, string pattern, string what, int order)
        {
            RoutePattern constrained = RoutePatternFactory.Parse(
                pattern, defaults: null, parameterPolicies: new { unimplementedMethod = new GrpcRequestConstraint() });
            builder.MapMethods("/", [HttpMethods.Post], http => HttpRefusals.UnimplementedAsync(http, what))
                .WithDisplayName($"gRPC - {pattern}")
                .Add(endpoint =>
                {
                    var route = (RouteEndpointBuilder)endpoint;
                    route.RoutePattern = constrained;
                    route.Order = order;
                });
        }

        /// <summary>Keeps the routes of unknown methods from catching anything but gRPC.</summary>
        /// <remarks>
        /// Saying beforehand that no known literal is an unknown method leaves each mapped method as the only candidate
        /// of its path, and routing then decides without collecting route values: a microsecond of each call.
        /// </remarks>
        private sealed class GrpcRequestConstraint : IRouteConstraint, IParameterLiteralNodeMatchingPolicy
        {
            public bool MatchesLiteral(string parameterName, string literal) => false;

            public bool Match(
                HttpContext? httpContext,
                IRouter? route,
                string routeKey,
                RouteValueDictionary values,
                RouteDirection routeDirection) =>
                httpContext is not null && GrpcProtocol.IsGrpcContentType(httpContext.Request.ContentType);
        }
    }
}
