using Grpc.Core.Interceptors;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Core.Tests;

public class InterceptorTests
{
    [Fact]
    public async Task Interceptors_see_every_kind_of_call_in_the_order_they_were_added()
    {
        var journal = new Journal();
        await using TestServer server = await TestServer.StartAsync(
            options: options =>
            {
                options.Interceptors.Add<Noting>("outer");
                options.Interceptors.Add<Noting>("middle");
            },
            services: services =>
            {
                services.AddSingleton(journal);
                services.AddGrpc().AddServiceOptions<EchoService>(options => options.Interceptors.Add<Noting>("inner"));
            });
        using GrpcChannel channel = server.Connect();

        await CallEveryKindAsync(new Echo.EchoClient(channel));

        string[] kinds = ["unary", "client", "server", "duplex"];
        Assert.Equal(
            kinds.SelectMany(kind => (string[])[$"outer {kind}", $"middle {kind}", $"inner {kind}"]), journal.Lines);
    }

    [Fact]
    public async Task An_interceptor_decides_what_the_client_is_told()
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.Interceptors.Add<Mending>());
        using GrpcChannel channel = server.Connect();

        RpcException told = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "throw" }));

        Assert.Equal(StatusCode.Aborted, told.StatusCode);
        Assert.Equal("mended", told.Status.Detail);
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton, 1)]
    [InlineData(ServiceLifetime.Scoped, 3)]
    [InlineData(ServiceLifetime.Transient, 3)]
    public async Task Services_and_interceptors_live_as_long_as_they_are_registered_for(
        ServiceLifetime lifetime, int made)
    {
        var births = new Births();
        await using TestServer server = await TestServer.StartAsync(
            options: options => options.Interceptors.Add<Counted>(),
            services: services =>
            {
                services.AddSingleton(births);
                services.Add(new ServiceDescriptor(typeof(CountedService), typeof(CountedService), lifetime));
                services.Add(new ServiceDescriptor(typeof(Counted), typeof(Counted), lifetime));
            },
            map: web => web.MapGrpcService<CountedService>());
        using GrpcChannel channel = server.Connect();

        for (int i = 0; i < 3; i++)
            await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest());

        Assert.Equal(made, births.Services);
        Assert.Equal(made, births.Interceptors);
        Assert.Equal(lifetime == ServiceLifetime.Singleton ? 0 : 3, births.Disposals);
    }

    [Fact]
    public async Task A_service_nobody_registered_is_made_and_disposed_for_each_call()
    {
        var births = new Births();
        await using TestServer server = await TestServer.StartAsync(
            services: services => services.AddSingleton(births), map: web => web.MapGrpcService<CountedService>());
        using GrpcChannel channel = server.Connect();

        await CallEveryKindAsync(new Echo.EchoClient(channel), isImplemented: false);

        Assert.Equal(4, births.Services);
        Assert.Equal(4, births.Disposals);
    }

    [Fact]
    public async Task Service_options_go_before_those_of_all_services()
    {
        await using TestServer server = await TestServer.StartAsync(
            options: options => options.MaxReceiveMessageSize = 10,
            services: services =>
                services.AddGrpc().AddServiceOptions<EchoService>(o => o.MaxReceiveMessageSize = null));
        using GrpcChannel channel = server.Connect();

        await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "more than ten bytes" });
    }

    [Fact]
    public async Task A_client_interceptor_sees_every_kind_of_call_and_can_change_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        var journal = new Journal();
        var client = new Echo.EchoClient(channel.Intercept(new Asking(journal, "outer"), new Asking(journal, "inner")));

        await CallEveryKindAsync(client);
        EchoReply reply = await client.UnaryAsync(new EchoRequest { Command = "header" });

        Assert.Equal("inner", reply.Said);
        Assert.Equal(
            ["Unary", "Collect", "Repeat", "Chat", "Unary"],
            journal.Lines.Where(
                line => line.StartsWith("outer", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
        Assert.Equal("Unary", client.Unary(new EchoRequest { Command = "method" }).Said.Split('/')[^1]);
        Assert.Equal("inner blocking Unary", journal.Lines[^1]);
    }

    [Fact]
    public void A_type_that_is_no_interceptor_is_refused() =>
        Assert.Throws<ArgumentException>(() => new AspNetCore.Server.InterceptorCollection().Add(typeof(string)));

    private static async Task CallEveryKindAsync(Echo.EchoClient client, bool isImplemented = true)
    {
        await client.UnaryAsync(new EchoRequest());
        using AsyncClientStreamingCall<EchoRequest, EchoReply> collect = client.Collect();
        await collect.RequestStream.CompleteAsync();
        await EndsAsync(() => collect.ResponseAsync, isImplemented);
        using AsyncServerStreamingCall<EchoReply> repeat = client.Repeat(new EchoRequest());
        await EndsAsync(() => repeat.ResponseStream.MoveNext(), isImplemented);
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
        await chat.RequestStream.CompleteAsync();
        await EndsAsync(() => chat.ResponseStream.MoveNext(), isImplemented);
    }

    private static async Task EndsAsync(Func<Task> call, bool isImplemented)
    {
        if (isImplemented)
            await call();
        else
            Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
    }

    private sealed class Journal
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public List<string> Lines
        {
            get
            {
                lock (_gate)
                    return [.. _lines];
            }
        }

        public void Add(string line)
        {
            lock (_gate)
                _lines.Add(line);
        }
    }

    private sealed class Noting(Journal journal, string name) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} unary");
            return continuation(request, context);
        }

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            ServerCallContext context,
            ClientStreamingServerMethod<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} client");
            return continuation(requestStream, context);
        }

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} server");
            return continuation(request, responseStream, context);
        }

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} duplex");
            return continuation(requestStream, responseStream, context);
        }
    }

    private sealed class Mending : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            try
            {
                return await continuation(request, context);
            }
            catch (InvalidOperationException)
            {
                throw new RpcException(new Status(StatusCode.Aborted, "mended"));
            }
        }
    }

    private sealed class Births
    {
        private int _services;
        private int _interceptors;
        private int _disposals;

        public int Services => _services;

        public int Interceptors => _interceptors;

        public int Disposals => _disposals;

        public void AddService() => Interlocked.Increment(ref _services);

        public void AddInterceptor() => Interlocked.Increment(ref _interceptors);

        public void AddDisposal() => Interlocked.Increment(ref _disposals);
    }

    private sealed class Counted : Interceptor
    {
        public Counted(Births births) => births.AddInterceptor();
    }

    private sealed class CountedService : Echo.EchoBase, IDisposable
    {
        private readonly Births _births;

        public CountedService(Births births)
        {
            _births = births;
            births.AddService();
        }

        public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) =>
            Task.FromResult(new EchoReply());

        public void Dispose() => _births.AddDisposal();
    }

    private sealed class Asking(Journal journal, string name) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} blocking {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} {context.Method.Name}");
            var headers = new Metadata { { "asked", name } };
            return continuation(
                request,
                new ClientInterceptorContext<TRequest, TResponse>(
                    context.Method, context.Host, context.Options.WithHeaders(headers)));
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} {context.Method.Name}");
            return continuation(context);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            journal.Add($"{name} {context.Method.Name}");
            return continuation(context);
        }
    }
}
